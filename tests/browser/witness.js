// Somebody on the wire between the browser and everything else, who keeps every byte: a proxy. It also looks at what
// pages show, store and print.

import { once } from 'node:events';
import http from 'node:http';

export class Witness {
  #server;
  #seen = [];
  #open = new Set();

  static async start() {
    const witness = new Witness();
    witness.#server = http.createServer((request, answer) => witness.#forward(request, answer));
    witness.#server.listen(0, '127.0.0.1');
    await once(witness.#server, 'listening');
    return witness;
  }

  /** Options of a browser context whose every request passes here, those to this machine too. */
  get contextOptions() {
    return { proxy: { server: `http://127.0.0.1:${this.#server.address().port}`, bypass: '<-loopback>' } };
  }

  /** Notes what a page prints from now on. */
  listen(context) {
    context.on('console', (message) => this.#note('console', message.text()));
  }

  /** Notes what a page shows and what its origin keeps, as it is now. */
  async look(page, name) {
    this.#note(`DOM of ${name}`, await page.content());
    this.#note(`cookies of ${name}`, JSON.stringify(await page.context().cookies()));
    const kept = await page.evaluate(() => ({
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      localStorage: JSON.stringify({ ...localStorage }),
    }));
    for (const [storage, text] of Object.entries(kept)) this.#note(`${storage} of ${name}`, text);
  }

  /** All that was seen: pairs of place and bytes. */
  get everything() {
    return this.#seen;
  }

  async stop() {
    for (const request of this.#open) request.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #forward(request, answer) {
    const place = `${request.method} ${request.url}`;
    this.#note(`address of ${place}`, request.url);
    // Without accept-encoding, bodies come as they are and can be searched.
    const { 'accept-encoding': _, 'proxy-connection': __, ...headers } = request.headers;
    const onward = http.request(request.url, { method: request.method, headers }, (response) => {
      this.#note(`headers of ${place}`, JSON.stringify(response.rawHeaders));
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('close', () => this.#note(`body of ${place}`, Buffer.concat(chunks)));
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(answer);
    });
    this.#open.add(onward);
    onward.on('close', () => this.#open.delete(onward));
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #note(place, content) {
    this.#seen.push([place, Buffer.from(content)]);
  }
}
