// Colours as the style sheet has them now: canvases do not follow it by themselves.
const dark = matchMedia("(prefers-color-scheme: dark)");

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Calls `draw` whenever the page turns light or dark. */
export const onTheme = (draw) => dark.addEventListener("change", draw);

/** An element with attributes and text. */
export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

/** Calls `resized` with the width of `box` whenever that changes. */
export function onWidth(box, resized) {
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.floor(box.clientWidth);
    if (width > 0 && width !== last) resized((last = width));
  }).observe(box);
}
