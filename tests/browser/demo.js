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

  constructor(child, ended, { shop, signer, gateways, folder, secrets }) {
    this.#child = child;
    this.#ended = ended;
    Object.assign(this, { shop, signer, gateways, folder, secrets });
  }

  /** The orders that a simulated gateway has booked. */
  async orders(gateway) {
    return this.#control('GET', `${gateway}/orders`);
  }

  /** The only order with this status that a simulated gateway has booked. */
  async onlyOrder(gateway, status) {
    const orders = (await this.orders(gateway)).filter((order) => order.status === status);
    if (orders.length !== 1) throw new Error(`${gateway} has ${orders.length} orders that are ${status}, not one`);
    return orders[0];
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
