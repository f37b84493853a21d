// The shop's word for where an order stands.

import { canSay, say } from "./locale.js";

/** "Paid" of `succeeded`; "Not told yet" of none; a word that is not known yet as it is. */
export function sayStatus(status) {
  const key = `status_${status ?? "none"}`;
  return canSay(key) ? say(key) : status;
}
