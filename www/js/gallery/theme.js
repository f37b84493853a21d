/** A place to try theme variables: what is chosen becomes a style sheet of the page, and is shown to be copied. */

/** Takes a form whose fields are named after the variables. */
export function wear(form) {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const shown = form.querySelector("output");
  const put = () => {
    const rule = written(form);
    sheet.replaceSync(rule);
    shown.textContent = rule;
  };
  form.addEventListener("input", put);
  form.addEventListener("reset", () => {
    sheet.replaceSync("");
    shown.textContent = "";
  });
}

function written(form) {
  const { accent, radius, space } = form.elements;
  const lines = [
    `--countersign-accent: ${accent.value};`,
    `--countersign-accent-text: ${isLight(accent.value) ? "#000" : "#fff"};`,
    `--countersign-radius: ${Number(radius.value)}px;`,
    `--countersign-space: ${Number(space.value)}px;`,
  ];
  return `:root {\n  ${lines.join("\n  ")}\n}`;
}

/** Whether black reads better on a colour than white; by the luminance that WCAG defines. */
function isLight(colour) {
  const linear = (at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05);
}
