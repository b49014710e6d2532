// Points at charts with the mouse and reads what is told.

/** A chart drawn by scripts tells values below itself. Answers what is wrong. */
export async function readouts(page) {
  const faults = [];
  let told = 0;
  for (const figure of await page.locator("figure[data-chart]").all()) {
    const canvas = figure.locator(".u-over");
    if ((await canvas.count()) === 0) continue;
    const title = await figure.locator("figcaption").textContent();
    await canvas.scrollIntoViewIfNeeded();
    const read = () => figure.locator(".readout").textContent();
    const seen = new Set();
    const kind = await figure.getAttribute("data-chart");
    const steps = await page.evaluate(
      (key) => JSON.parse(document.getElementById("data").textContent)[key].y[0].length,
      kind,
    );
    const least = kind !== "cdf" && steps === 1 ? 1 : 2; // a chart over time may have one column
    const box = await canvas.boundingBox();
    for (const part of [0.02, 0.35, 0.7, 0.98]) {
      await page.mouse.move(box.x + box.width * part, box.y + box.height * part);
      seen.add(await read());
    }
    const values = [...seen].filter((text) => /\d/.test(text));
    if (values.length < least) faults.push(`"${title}": tells ${[...seen].join(" / ") || "nothing"}`);
    ++told;
  }
  return { faults, told };
}

/** A mark of a static chart shows its words beside the pointer. */
export async function tips(page) {
  const faults = [];
  let told = 0;
  for (const figure of await page.locator("figure:has(.plot svg title)").all()) {
    const mark = await figure.evaluate((one) => {
      const plot = one.querySelector(".plot");
      plot.scrollIntoView({ block: "center", behavior: "instant" });
      for (const title of plot.querySelectorAll("svg[role=img] title")) {
        const shape = title.parentElement;
        const box = shape.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const hit = document.elementFromPoint(x, y);
        if (hit && (hit === shape || shape.contains(hit))) return { x, y, words: title.textContent };
      }
      return null;
    });
    if (!mark) continue; // only curves, whose middle is beside them
    await page.mouse.move(mark.x, mark.y);
    const tip = figure.locator(".tip");
    const shown = (await tip.count()) > 0 && (await tip.isVisible()) ? await tip.textContent() : "nothing";
    if (shown !== mark.words) faults.push(`"${mark.words}" tells ${shown}`);
    ++told;
  }
  return { faults, told };
}
