// The demo, started for one file of journeys on free ports: simulators, signer, shop.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where screenshots and the demos' files go. */
export const output = path.join(root, 'target', 'browser');

/**
 * Starts the demo; `name` is its folder below `target/browser/`.
 * Under `cargo xtask test` everything is built already; otherwise this builds it first.
 */
export async function startDemo(name) {
  const built = process.env.COUNTERSIGN_XTASK;
  const [program, ...words] = built ? [built] : ['cargo', 'xtask'];
  const options = ['demo', '--json', '--ports', 'free', '--folder', path.join(output, name)];
  if (built) options.push('--no-build');
  const child = spawn(program, [...words, ...options], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  return new Demo(child, ended, await addresses(child, ended));
}

async function addresses(child, ended) {
  const lines = readline.createInterface({ input: child.stdout });
  const announced = (async () => {
    for await (const line of lines) {
      if (line.startsWith('{')) return JSON.parse(line);
    }
    return null;
  })();
  const found = await Promise.race([announced, ended.then(() => null)]);
  if (!found) throw new Error('the demo did not start; its message is above');
  child.stdout.resume();
  return found;
}

class Demo {
  #child;
  #ended;
  #steered = new Set();

  constructor(child, ended, { shop, signer, gateways, folder, secrets }) {
    this.#child = child;
    this.#ended = ended;
    Object.assign(this, { shop, signer, gateways, folder, secrets });
  }

  /** What a simulated gateway has booked for an order of the shop; a further attempt has a number that begins alike. */
  async bookings(gateway, orderId) {
    const orders = await this.#control('GET', `${gateway}/orders`);
    return orders.filter(({ order_no }) => order_no.startsWith(orderId));
  }

  /** The only thing that a simulated gateway has booked for an order of the shop. */
  async booking(gateway, orderId) {
    const found = await this.bookings(gateway, orderId);
    if (found.length !== 1) throw new Error(`${gateway} has booked ${found.length} times for ${orderId}, not once`);
    return found[0];
  }

  /** Somebody pays an order somewhere else, as a native application would have them do. */
  async pay(gateway, orderId) {
    const { order_no } = await this.booking(gateway, orderId);
    await this.#control('POST', `${gateway}/orders/${order_no}/pay`, {});
  }

  /** Somebody sends "paid" for an order, signed with a key that is not the merchant's. */
  async forge(gateway, orderId) {
    const { order_no } = await this.booking(gateway, orderId);
    return this.#control('POST', `${gateway}/orders/${order_no}/pay`, { forge: true });
  }

  /** Ends a refund that is under way. */
  async settleRefund(gateway, refundNo, status) {
    await this.#control('POST', `${gateway}/refunds/${refundNo}/settle`, { status });
  }

  /** What the simulated Hicoin has paid out. */
  async transfers() {
    return this.#control('GET', 'hicoin/transfers');
  }

  /** What reached the simulated gateways so far, or one of them, or one endpoint of it. */
  async journal(gateway, endpoint) {
    const entries = await this.#control('GET', 'journal');
    const isMeant = (entry) => (!gateway || entry.gateway === gateway) && (!endpoint || entry.endpoint === endpoint);
    return entries.filter(isMeant);
  }

  /** Changes how a simulated gateway behaves, until the journey is over. */
  async steer(gateway, settings) {
    this.#steered.add(gateway);
    await this.#control('PUT', `${gateway}/settings`, settings);
  }

  /** Orders a fault at an endpoint of a simulated gateway, for the next call. */
  async fault(gateway, endpoint, fault) {
    this.#steered.add(gateway);
    await this.#control('POST', `${gateway}/faults`, { endpoint, ...fault });
  }

  /** Takes back what journeys have steered. */
  async restore() {
    for (const gateway of this.#steered) {
      await this.#control('DELETE', `${gateway}/settings`);
      await this.#control('DELETE', `${gateway}/faults`);
    }
    this.#steered.clear();
  }

  /** Makes tokens, or tickets, of a simulated gateway void at once. */
  async expireTokens(gateway, which = 'all') {
    await this.#control('POST', `${gateway}/tokens/expire`, { which });
  }

  /** How the simulated DotWallet sees its user: balance, limits, whether automatic payment was agreed to. */
  async setWalletUser(fields) {
    return this.#control('PUT', 'dotwallet/users/sandbox-payer-0001', fields);
  }

  async walletUser() {
    return this.#control('GET', 'dotwallet/users/sandbox-payer-0001');
  }

  async #control(method, what, body) {
    const response = await fetch(`${this.gateways}/_control/${what}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${what}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** What the processes have logged so far, by file name. */
  async logs() {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.log'));
    const texts = await Promise.all(names.map((name) => readFile(path.join(this.folder, name), 'utf8')));
    return Object.fromEntries(names.map((name, index) => [name, texts[index]]));
  }

  /** Stops everything and waits until it has. */
  async stop() {
    this.#child.stdin.end();
    const [code] = await this.#ended;
    if (code !== 0) throw new Error(`the demo ended with ${code}; its message is above`);
  }
}
