// Telling the visitor what went wrong, with the backend's own words below for whoever runs the shop.

import { byId, element } from "./dom.js";
import { canSay, say } from "./locale.js";

/** Shows a problem in the page's own place for it, or with null takes the last one away. */
export function showProblem(problem) {
  const place = byId("problem");
  place.hidden = !problem;
  place.replaceChildren(...(problem ? drawProblem(problem) : []));
}

/** The page's sentence for a problem, and the backend's words below. */
export function drawProblem(problem) {
  const key = `problem_${problem.code}`;
  const words = problem.detail ?? problem.message;
  return [canSay(key) ? say(key) : say("problem_other"), ...(words ? [element("small", {}, words)] : [])];
}
