// A small shop: it invites the customer of a delivered order, and keeps the ratings that the webhook brings.
import { createServer } from "node:http";

export class Shop {
  constructor(service, key) {
    this.service = service;
    this.key = key;
    this.ratings = new Map();
    this.steps = [];
    this.server = createServer((request, response) => this.receive(new URL(request.url, "http://shop"), response));
  }

  async open() {
    await new Promise((listening) => this.server.listen(0, "127.0.0.1", listening));
    this.webhook = `http://127.0.0.1:${this.server.address().port}/hook`;
  }

  async orderDelivered(order, email) {
    const body = new URLSearchParams({
      keywebsite: this.key, email, first_name: "Anna", order, meta_order: order, webhook: this.webhook,
    });
    const answer = await fetch(`${this.service}/invitation/create`, { method: "POST", body });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.text();
  }

  receive(url, response) {
    this.steps.push(url.searchParams.get("step"));
    if (url.searchParams.get("step") === "review-saved") {
      this.ratings.set(url.searchParams.get("meta_order"), Number(url.searchParams.get("rating")));
    }
    response.end("ok");
  }
}
