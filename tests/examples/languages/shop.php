<?php
// A small shop: it invites the customer of a delivered order, and keeps the ratings that the webhook brings.
final class Shop
{
    public function __construct(private string $service, private string $key, private string $webhook) {}

    /** Invite a customer; returns the link at which the review is collected. */
    public function orderDelivered(string $order, string $email): string
    {
        $fields = ['keywebsite' => $this->key, 'email' => $email, 'first_name' => 'Anna', 'order' => $order,
                   'meta_order' => $order, 'webhook' => $this->webhook];
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => 'Content-Type: application/x-www-form-urlencoded',
            'content' => http_build_query($fields),
        ]]);
        return file_get_contents($this->service . '/invitation/create', false, $context);
    }
}
