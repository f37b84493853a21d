// One sentence for each kind of line in "what just happened".

import { canSay, say } from "./locale.js";

/** Endpoints at which a gateway is asked how something stands. */
const QUESTIONS = new Set(["query", "search_order", "queryOrder", "refundquery", "gettransferinfo"]);
const GIVE_BACK = new Set(["refund", "transfers"]);
const TAKE_BACK = new Set(["close", "reverse"]);

/** Why this line is there, in the language in use. */
export function explain(line) {
  const key = `why_${meaning(line)}`;
  return canSay(key) ? say(key) : say("why_call");
}

function meaning({ from, to, kind, what, outcome }) {
  if (kind === "webhook") return `webhook_${outcome}`;
  if (kind === "notification") return `notification_${outcome}`;
  if (kind !== "call") return kind;
  if (to === "gateway") return atGateway(what.split(" ")[1]);
  const [method, path] = what.split(" ");
  if (method === "GET") return `${from}_look`;
  return `${from}_${path.split("/").at(-1)}`;
}

function atGateway(endpoint) {
  if (QUESTIONS.has(endpoint)) return "gateway_asked";
  if (GIVE_BACK.has(endpoint)) return "gateway_refund";
  return TAKE_BACK.has(endpoint) ? "gateway_close" : "gateway_order";
}
