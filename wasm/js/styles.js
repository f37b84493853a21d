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

/** Whether the page's own style sheets have the rules already, under whatever name, or are about to. */
function isDressed(root) {
  if (getComputedStyle(root).getPropertyValue("--countersign-sheet") !== "") return true;
  return root.getRootNode().querySelector?.('link[rel~="stylesheet"][href*="checkout"][href$=".css"]') != null;
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
