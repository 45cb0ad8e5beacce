<?php
// php shop_test.php: tests the shop against a double of its own; no PHPUnit, no sleep of six days.
require __DIR__ . '/shop.php';

$folder = sys_get_temp_dir() . '/shop-test-' . getmypid();
mkdir($folder);
$null = ['file', '/dev/null', 'w'];
$double = proc_open(['mockserver', 'serve', '--port', '0', '--quiet', '--ready-file', "$folder/ready.json"], [1 => $null], $pipes);
$receiver = proc_open([PHP_BINARY, '-S', '127.0.0.1:0', __DIR__ . '/receiver.php'], [1 => $null, 2 => ['pipe', 'w']], $said,
                      null, ['RECEIVED' => "$folder/received"]);
register_shutdown_function(function () use ($double, $receiver, $folder) {
    foreach ([$double, $receiver] as $process) {
        proc_terminate($process);
        proc_close($process);  // waits for its end
    }
    array_map('unlink', glob("$folder/*"));
    rmdir($folder);
});

/** Call the control surface; a tenant is a world of our own. */
function control(string $method, string $path, array $body = [], string $tenant = ''): array
{
    global $url;
    $headers = ['Content-Type: application/json', "X-Mock-Tenant: $tenant"];
    $options = ['method' => $method, 'header' => $headers, 'content' => $method === 'POST' ? json_encode((object) $body) : ''];
    return json_decode(file_get_contents("$url/_mock/v1$path", false, stream_context_create(['http' => $options])), true);
}

function check(string $what, mixed $seen, mixed $expected): void
{
    if ($seen !== $expected) {
        fwrite(STDERR, "not ok: $what\n  expected " . json_encode($expected) . "\n  seen     " . json_encode($seen) . "\n");
        exit(1);
    }
    echo "ok: $what\n";
}

preg_match('~http://[\d.:]+~', fgets($said[2]), $address);  // `Development Server (http://127.0.0.1:…) started`
for ($tries = 0; !file_exists("$folder/ready.json") && $tries < 300; $tries++) {
    usleep(50_000);
}
$url = json_decode(file_get_contents("$folder/ready.json"), true)['url'];
$tenant = control('POST', '/tenants', ['start' => '2026-03-01T10:00:00Z']);
$id = $tenant['id'];

$shop = new Shop($tenant['url'], $tenant['securating']['keywebsite'], $address[0] . '/hook?shop=1');
$link = $shop->orderDelivered('17', 'anna@example.com');
check('the shop gets a link', str_contains($link, 'securating_token='), true);

control('POST', '/clock/advance', ['days' => 6], $id);
$mails = control('GET', '/outbox?to=anna@example.com', [], $id)['outbox'];
check('the mail left after six days', array_column($mails, 'at'), ['2026-03-07T10:00:00Z']);

control('POST', '/securating/open', ['email' => 'anna@example.com'], $id);
control('POST', '/securating/review', ['email' => 'anna@example.com', 'rating' => 5, 'comment' => 'Parfait'], $id);
control('POST', '/webhooks/drain', [], $id);
$received = array_map(fn ($line) => json_decode($line, true), file("$folder/received"));
check('the webhook heard every step', array_column($received, 'step'), ['invitation-created', 'mail-send', 'link-opened', 'review-saved']);
check('the webhook knows the order', end($received)['meta_order'], '17');
check('the webhook brought the rating', end($received)['rating'], '5');
