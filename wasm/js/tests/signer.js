/** A signer for one payment, for tests of the package: the checkout API over real HTTP, its moves written by the test. */
import { createServer } from "node:http";
import { once } from "node:events";

export const SECRET = "cs_0123456789";

export async function startSigner(first = {}) {
  const signer = new Signer(first);
  const server = createServer((request, response) => signer.serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  signer.url = `http://127.0.0.1:${server.address().port}`;
  signer.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return signer;
}

class Signer {
  constructor(first) {
    this.view = {
      id: "pay_1",
      order_id: "A1",
      amount: { value: 1000, currency: "CNY" },
      subject: "Tea",
      method: { type: "blueocean_alipay_qrcode" },
      status: "created",
      revision: 1,
      next_action: null,
      failure: null,
      return_url: null,
      expires_at: new Date(Date.now() + 900_000).toISOString(),
      livemode: true,
      ...first,
    };
    /** Every request: `{method, path, body, referer}`. */
    this.asked = [];
    this.waiting = new Set();
    /** What confirming and returning do; each may change the view. */
    this.confirm = () => {};
    this.returned = () => {};
    /** Answers of their own, taken before anything else: `{status, body}`, or `"drop"` for none. */
    this.faults = [];
  }

  /** The payment moves on, and whoever waits is told. */
  move(changes) {
    this.view = { ...this.view, ...changes, revision: this.view.revision + 1 };
    for (const wake of this.waiting) wake();
  }

  count(pattern) {
    return this.asked.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length;
  }

  async serve(request, response) {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const body = await text(request);
    this.asked.push({ method: request.method, path: request.url, body, referer: request.headers.referer });
    const fault = this.faults.shift();
    if (fault === "drop") return request.socket.destroy();
    if (fault) return answer(response, fault.status, fault.body);
    const url = new URL(request.url, "http://signer");
    if (request.headers.authorization !== `Bearer ${SECRET}` || !url.pathname.startsWith("/v1/checkout/pay_1")) {
      return answer(response, 401, { code: "unauthorized" });
    }
    switch (`${request.method} ${url.pathname.slice("/v1/checkout/pay_1".length)}`) {
      case "GET ":
        await this.newer(url.searchParams, response);
        break;
      case "POST /confirm":
        await this.confirm(JSON.parse(body));
        break;
      case "POST /returned":
        await this.returned(JSON.parse(body));
        break;
      default:
        return answer(response, 404, { code: "not_found" });
    }
    answer(response, 200, this.view);
  }

  /** Holds the request until the view is newer than asked for. */
  newer(query, response) {
    const after = Number(query.get("after_revision") ?? 0);
    if (!query.has("wait_s") || this.view.revision > after) return undefined;
    return new Promise((resolve) => {
      const wake = () => {
        if (this.view.revision > after) done();
      };
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(done, Number(query.get("wait_s")) * 1000);
      this.waiting.add(wake);
      response.on("close", done);
    });
  }
}

function answer(response, status, body) {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function text(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
