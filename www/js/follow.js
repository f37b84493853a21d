// Following orders while the page is open: the shop's backend sends each one that changed, whole.
//
// A page that nobody sees follows nothing: it gives its connection back, and gets everything anew when it is seen
// again, from the browser's memory too.

import { ShopProblem, listOrders, readOrder } from "./api.js";

/** The backend says something every ten seconds; longer silence is a connection that is gone without a word. */
const SILENCE_MS = 25_000;
/** After the first try, which is made at once. */
const FIRST_RETRY_MS = 2_000;
const SLOWEST_RETRY_MS = 15_000;

/**
 * Follows the visitor's orders, or only the one with this number. `onOrders(orders, isAll)` hears of whole orders, all of
 * them at first and after every break; `onLive(isLive)` whether the page hears of changes at once.
 */
export function followOrders({ orderId, onOrders, onLive }) {
  const follower = new Follower(orderId, onOrders, onLive);
  addEventListener("pagehide", () => follower.rest());
  addEventListener("pageshow", ({ persisted }) => persisted && follower.wake());
  addEventListener("online", () => follower.open());
  addEventListener("offline", () => follower.lose());
  document.addEventListener("visibilitychange", () => (document.hidden ? follower.rest() : follower.wake()));
  follower.open();
}

/** The newer one of what is known of an order and what was heard: answers may overtake each other on the way. */
export const newest = (known, news) => (known && known.version > news.version ? known : news);

class Follower {
  #path;
  #look;
  #onOrders;
  #onLive;
  #source = null;
  #silence = 0;
  #retry = 0;
  #wait = 0;

  constructor(orderId, onOrders, onLive) {
    const path = orderId && encodeURIComponent(orderId);
    this.#path = path ? `/api/orders/${path}/stream` : "/api/orders/stream";
    this.#look = orderId ? async () => [await readOrder(orderId)] : listOrders;
    this.#onOrders = onOrders;
    this.#onLive = onLive;
  }

  /** Opens the connection, anew where there is one. */
  open() {
    this.rest();
    if (document.hidden) return;
    const source = (this.#source = new EventSource(this.#path));
    source.addEventListener("all", ({ data }) => this.#hear(JSON.parse(data), true));
    source.addEventListener("changed", ({ data }) => this.#hear(JSON.parse(data), false));
    source.addEventListener("alive", () => this.#isAlive());
    source.addEventListener("error", () => this.lose());
    this.#isAlive();
  }

  /** Opens the connection if there is none. */
  wake() {
    if (!this.#source) this.open();
  }

  /** Lets the connection go without a word: the page is left, or nobody sees it. */
  rest() {
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  /** The browser tries again by itself, unless the backend said no: then the page looks at once, and tries less and less often. */
  lose() {
    this.#onLive?.(false);
    if (this.#source?.readyState !== EventSource.CLOSED) return;
    this.rest();
    this.#retry = setTimeout(() => this.#lookAndOpen(), this.#wait);
    this.#wait = Math.min(Math.max(this.#wait * 2, FIRST_RETRY_MS), SLOWEST_RETRY_MS);
  }

  async #lookAndOpen() {
    try {
      this.#onOrders(await this.#look(), true);
    } catch (problem) {
      // The shop has forgotten the order: there is nothing to follow any more.
      if (problem instanceof ShopProblem && problem.code === "unknown_order") return;
    }
    this.open();
  }

  #hear(orders, isAll) {
    this.#wait = 0;
    this.#isAlive();
    this.#onLive?.(true);
    this.#onOrders(orders, isAll);
  }

  #isAlive() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.open(), SILENCE_MS);
  }
}
