// Drawing a part of the page anew without taking anything from the visitor: what they opened, typed, or are at.

/** Puts these children into a place; folds, fields and focus go over by their `data-key` and `data-keep`. */
export function redraw(place, children) {
  const opened = [...place.querySelectorAll("details[open]")].map(({ dataset }) => dataset.key);
  const typed = [...place.querySelectorAll("input")].filter(({ value, defaultValue }) => value !== defaultValue);
  const at = place.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
  place.replaceChildren(...children);
  for (const key of opened) place.querySelector(`details[data-key="${key}"]`)?.setAttribute("open", "");
  for (const { dataset, value } of typed) {
    const field = place.querySelector(`input[data-keep="${dataset.keep}"]`);
    if (field) field.value = value;
  }
  if (at) place.querySelector(`[data-keep="${at}"]`)?.focus({ preventScroll: true });
}
