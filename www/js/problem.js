// Telling the visitor what went wrong, with the backend's own words below for whoever runs the shop.

import { byId, element } from "./dom.js";
import { canSay, say } from "./locale.js";

/** Shows a problem, or with null takes the last one away. */
export function showProblem(problem) {
  const place = byId("problem");
  place.hidden = !problem;
  place.replaceChildren();
  if (!problem) return;
  const key = `problem_${problem.code}`;
  place.append(canSay(key) ? say(key) : say("problem_other"));
  const words = problem.detail ?? problem.message;
  if (words) place.append(element("small", {}, words));
}
