// node --test shop.test.mjs: tests the shop against a double of its own; six days pass at once.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Shop } from "./shop.mjs";

const folder = mkdtempSync(join(tmpdir(), "shop-test-"));
let double, url;

before(async () => {
  const ready = join(folder, "ready.json");
  await new Promise((resolve, reject) => {
    const watcher = watch(folder, (_, file) => file === "ready.json" && resolve(watcher.close()));
    const options = { stdio: ["ignore", "ignore", "inherit"] };
    double = spawn("mockserver", ["serve", "--port", "0", "--quiet", "--ready-file", ready], options);
    double.once("error", reject);
    double.once("exit", reject);
  });
  url = JSON.parse(readFileSync(ready)).url;
});

after(async () => {
  const ended = new Promise((resolve) => double.once("exit", resolve));
  double.kill();
  await ended;
  rmSync(folder, { recursive: true });
});

async function control(method, path, tenant = "", body = undefined) {
  const headers = { "X-Mock-Tenant": tenant };
  const answer = await fetch(`${url}/_mock/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const told = await answer.json();
  assert.ok(answer.ok, told.detail);
  return told;
}

async function opened(t, wishes = {}) {
  const tenant = await control("POST", "/tenants", "", { start: "2026-03-01T10:00:00Z", ...wishes });
  const shop = new Shop(tenant.url, tenant.securating.keywebsite);
  await shop.open();
  t.after(() => shop.server.close());
  t.after(() => shop.server.closeAllConnections());
  return { shop, tenant: tenant.id };
}

test("a review reaches the shop", async (t) => {
  const { shop, tenant } = await opened(t);
  await shop.orderDelivered("17", "anna@example.com");
  await control("POST", "/clock/advance", tenant, { days: 6 });
  const { outbox } = await control("GET", "/outbox?to=anna@example.com", tenant);
  assert.deepEqual(outbox.map((mail) => mail.at), ["2026-03-07T10:00:00Z"]);

  await control("POST", "/securating/open", tenant, { email: "anna@example.com" });
  await control("POST", "/securating/review", tenant, { email: "anna@example.com", rating: 5, comment: "Parfait" });
  await control("POST", "/webhooks/drain", tenant);
  assert.deepEqual(shop.steps, ["invitation-created", "mail-send", "link-opened", "review-saved"]);
  assert.equal(shop.ratings.get("17"), 5);
});

test("a second invitation within a day is refused, and the journal says why", async (t) => {
  const { shop, tenant } = await opened(t);
  await shop.orderDelivered("17", "anna@example.com");
  await assert.rejects(shop.orderDelivered("18", "anna@example.com"));
  const { journal } = await control("GET", "/journal?refused=true", tenant);
  assert.equal(journal.length, 1);
  assert.match(journal[0].notes.join(), /24/);
});
