// Building elements without markup in strings, so no text can ever become markup.

/** element("p", {class: "aside"}, "text", child, …); a property that is null or false is left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === true) made.setAttribute(key, "");
    else if (value != null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** The page's element with this id. */
export const byId = (id) => document.getElementById(id);
