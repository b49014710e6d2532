// What is measured inside a page. Each function is handed to the browser as it stands, so it may use nothing outside of
// itself; each returns what is wrong, in words.

/** Something wider than the window would have to be scrolled sideways. */
export function sideways() {
  const room = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  if (wide <= room) return [];
  const culprits = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > room + 1 && !one.closest(".wide, pre, nav"))
    .slice(0, 3)
    .map((one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""} ${one.textContent.slice(0, 30)}`);
  return [`${wide} px wide in a window of ${room}: ${culprits.join("; ")}`];
}

/** Words in pictures: inside of the picture, not on one another, large enough to be read. */
export function words() {
  const faults = [];
  const least = 9; // px
  for (const svg of document.querySelectorAll("figure svg[role=img]")) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue; // folded
    const name = `"${svg.getAttribute("aria-label").slice(0, 60)}"`;
    const texts = [...svg.querySelectorAll("text")]
      .filter((text) => text.textContent.trim())
      .map((text) => {
        const box = text.getBoundingClientRect();
        // A line's box has room for accents and for descenders, which digits and small letters leave empty.
        return {
          text: text.textContent,
          x: box.left,
          right: box.right,
          y: box.top + box.height * 0.2,
          bottom: box.bottom - box.height * 0.22,
          size: box.height,
        };
      });
    const small = texts.find((one) => one.size < least);
    if (small) faults.push(`${name}: "${small.text}" is ${small.size.toFixed(1)} px high`);
    for (const one of texts)
      if (
        one.x < frame.left - 1 ||
        one.right > frame.right + 1 ||
        one.y < frame.top - 1 ||
        one.bottom > frame.bottom + 1
      )
        faults.push(`${name}: "${one.text}" leaves the picture`);
    texts.sort((a, b) => a.y - b.y);
    for (let i = 0; i < texts.length; ++i)
      for (let j = i + 1; j < texts.length && texts[j].y < texts[i].bottom; ++j)
        if (texts[i].x < texts[j].right - 0.5 && texts[j].x < texts[i].right - 0.5)
          faults.push(`${name}: "${texts[i].text}" and "${texts[j].text}" lie on one another`);
  }
  return faults.slice(0, 8);
}

/** Text that a box with hidden overflow cuts off. */
export function cut() {
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => getComputedStyle(one).overflowX === "hidden" && !(one instanceof SVGElement))
    .map((one) => `cut off: ${one.textContent.slice(0, 40)}`);
}

/** A picture without a mark, or a canvas in one colour. */
export function empty() {
  const faults = [];
  const drawn = (shape) => {
    const box = shape.getBBox();
    return box.width > 0.4 || box.height > 0.4;
  };
  for (const figure of document.querySelectorAll("figure")) {
    const title = figure.querySelector("figcaption")?.textContent.trim();
    if (!title) faults.push("a figure has no title");
    const svg = figure.querySelector(".plot svg[role=img]");
    const canvas = figure.querySelector(".plot canvas");
    if (!svg && !canvas) faults.push(`"${title}": no picture`);
    if (svg && ![...svg.querySelectorAll("path, rect, circle, line:not(.grid, .zero, .life)")].some(drawn))
      faults.push(`"${title}": empty`);
    if (canvas) {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const colours = [...figure.querySelectorAll(".swatch rect")].map((one) =>
        getComputedStyle(one).fill.match(/\d+/g),
      );
      const near = (at, colour) => colour.every((part, i) => Math.abs(data[at + i] - part) < 24);
      let coloured = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 200 && colours.some((colour) => near(i, colour))) ++coloured;
      if (coloured < 30) faults.push(`"${title}": nothing is drawn in the colours of its key`);
    }
  }
  return faults;
}

/** Sorts every table by every column; returns what did not come out in order. */
export function sorting() {
  const faults = [];
  let sorted = 0;
  for (const table of document.querySelectorAll("table[data-name]")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2 || body.rows.length > 200) continue;
    const name = table.caption.textContent;
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const read = () =>
        [...body.rows].map((row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim());
      const numeric = [...body.rows].every((row) => row.cells[column].dataset.v !== undefined);
      if (new Set(read()).size < 2) return;
      const button = heading.querySelector("button");
      if (!button) return faults.push(`${name}: "${heading.textContent}" cannot be sorted by`);
      button.click();
      const up = read();
      if (heading.getAttribute("aria-sort") !== "ascending")
        faults.push(`${name}: "${heading.textContent}" tells no order`);
      button.click();
      const down = read();
      if (up.join("|") === down.join("|")) faults.push(`${name}: "${heading.textContent}" leaves the order as it was`);
      const before = (a, b) => Number(a) <= Number(b);
      if (
        numeric &&
        !(
          up.every((v, i) => i === 0 || before(up[i - 1], v)) && down.every((v, i) => i === 0 || before(v, down[i - 1]))
        )
      )
        faults.push(`${name}: "${heading.textContent}" is not in order`);
      ++sorted;
    });
  }
  return { faults, sorted };
}

/** What somebody sees: everything, or with every folded part opened. */
export function visible(unfold) {
  for (const part of document.querySelectorAll("details")) part.open = unfold;
  return document.body.innerText;
}

/** The first of each kind is on the first screen. */
export function firstScreen(kinds) {
  return kinds
    .map((kind) => [kind, document.querySelector(kind)?.getBoundingClientRect().bottom ?? 0])
    .filter(([, bottom]) => bottom > innerHeight)
    .map(([kind, bottom]) => `${kind} is not on the first screen: ${Math.round(bottom)} px`);
}

/** Links within the page that lead nowhere, and ids given twice. */
export function links() {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `id ${id} is there twice`);
  const lost = [...document.querySelectorAll("a[href^='#']")]
    .filter((one) => !document.getElementById(one.hash.slice(1)))
    .map((one) => `link to ${one.hash}`);
  return [...twice, ...lost];
}
