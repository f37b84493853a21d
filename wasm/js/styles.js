/** Dresses the interface, without a request and without anything that a strict style policy forbids. */

import { css } from "./checkout_css.js";

let sheet = null;

/** Gives the style sheet to the document or the shadow tree that the interface stands in, unless the page brings one. */
export function dress(root, { styles }) {
  if (styles === false || isDressed(root)) return;
  const place = root.getRootNode() instanceof ShadowRoot ? root.getRootNode() : document;
  if (!("adoptedStyleSheets" in place)) return link(place);
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!place.adoptedStyleSheets.includes(sheet)) place.adoptedStyleSheets = [...place.adoptedStyleSheets, sheet];
}

/**
 * Whether a style sheet of the page has the rules already, by a mark that is in them: names prove nothing, since many
 * shops have a `checkout.css` of their own.
 */
function isDressed(root) {
  return getComputedStyle(root).getPropertyValue("--countersign-sheet") !== "";
}

/**
 * For old web views (Safari before 16.4). Bundlers are not meant to follow this address: what they make of a style sheet
 * differs too much. A bundled page for such web views brings the style sheet itself.
 */
function link(place) {
  const here = import.meta.url;
  if (!here.startsWith("http")) return;
  const element = document.createElement("link");
  element.rel = "stylesheet";
  element.href = new URL("checkout.css", here).href;
  (place.head ?? place).append(element);
}
