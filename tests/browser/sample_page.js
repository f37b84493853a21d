// Buys on a sample's page in Chromium and pays at the simulators: node sample_page.js SHOP GATEWAYS. The policy of the
// page is in force, so whatever it forbids shows up in the console and is an error here.
import assert from 'node:assert/strict';
import { launch } from './chromium.js';

const [shop, gateways] = process.argv.slice(2);
const PATIENCE_MS = 30_000;

async function control(path, method = 'GET') {
  const answer = await fetch(`${gateways}/_control/blueocean/${path}`, { method, body: method === 'GET' ? undefined : '{}' });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

const browser = await launch();
try {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(shop);
  await page.getByRole('button', { name: 'Buy' }).click();
  await page.locator('[data-countersign=pay]').click();
  await page.locator('[data-countersign=qr] svg').waitFor();
  const [order] = await control('orders');
  assert.equal(order.amount, 1000);
  await control(`orders/${order.order_no}/pay`, 'POST');
  await page.locator('[data-countersign=root][data-status=succeeded]').waitFor();
  // Another tab of the same browser, which was never sent away.
  const other = await page.context().newPage();
  await other.goto(`${shop}/?order=${order.order_no}`);
  await other.locator('[data-countersign=root][data-status=succeeded]').waitFor();
  assert.deepEqual(complaints, []);
} finally {
  await browser.close();
}
