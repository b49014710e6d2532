// Uses what can be used: the CSV of a table, the slider over time, the log scale.
import { readFile } from "node:fs/promises";

const text = (locator) => locator.evaluate((one) => one.textContent);

/** A table's CSV has its heading and its rows, numbers as they are sorted by. */
export async function csvFaults(page) {
  const faults = [];
  const button = page.locator("button.csv:visible").first();
  const table = page.locator(".wide:has(+ button.csv) table:visible").first();
  const rows = await table.evaluate((one) => one.rows.length);
  const heading = await table.evaluate((one) => one.rows[0].cells[0].textContent);
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  if (!download.suggestedFilename().endsWith(".csv")) faults.push(`CSV is called ${download.suggestedFilename()}`);
  if (lines.length !== rows) faults.push(`CSV has ${lines.length} lines, the table ${rows} rows`);
  if (!lines[0].startsWith(heading)) faults.push(`CSV begins with ${lines[0]}`);
  return faults;
}

/** Moving the slider tells another moment; the button changes the scale and back. */
export async function controlFaults(page) {
  const faults = [];
  for (const figure of await page.locator("figure:has(input[type=range])").all()) {
    const slider = figure.locator("input[type=range]");
    const before = await text(figure.locator(".readout"));
    await slider.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    const after = await text(figure.locator(".readout"));
    if (before === after || !/\d/.test(after)) faults.push(`the slider tells ${after}`);
  }
  for (const figure of await page.locator("figure:has(button[aria-pressed])").all()) {
    const button = figure.locator("button[aria-pressed]");
    const look = () => figure.locator("canvas").evaluate((canvas) => canvas.toDataURL());
    const plain = await look();
    await button.click();
    if ((await button.getAttribute("aria-pressed")) !== "true") faults.push("the log scale is not told as pressed");
    if ((await look()) === plain) faults.push("the log scale changes nothing");
    await button.click();
    if ((await look()) !== plain) faults.push("the log scale does not change back");
  }
  return faults;
}

/** At the end of the slider every client group is where its last move led it, in every variant that can be chosen. */
export async function catchmentFaults(page, result) {
  const figure = page.locator('figure[data-chart="catchment"]:has(input[type=range])');
  if ((await figure.count()) === 0) return [];
  const faults = [];
  const choice = figure.locator("select");
  const names = (await choice.count()) ? await choice.locator("option").allTextContents() : [result.variants[0].name];
  const titles = () =>
    figure.locator(".dot[data-client]").evaluateAll((dots) =>
      dots.map((dot) => ({ client: dot.dataset.client, title: dot.querySelector("title").textContent })),
    );
  const start = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).catchment.start);
  const asDrawn = new Map((await titles()).map(({ client, title }) => [client, title]));
  for (const variant of names) {
    if (names.length > 1) await choice.selectOption(variant);
    await figure.locator("input[type=range]").focus();
    await page.keyboard.press("End");
    const rows = new Map(result.catchment.filter((row) => row.variant === variant).map((row) => [row.client, row]));
    for (const { client, title } of await titles()) {
      const move = (rows.get(client).moves ?? []).at(-1);
      const wanted = move ? `${client} reaches ${move[1] ?? "no PoP"}` : asDrawn.get(client);
      if (!title.startsWith(wanted)) faults.push(`${variant}: "${title}" is not "${wanted}"`);
    }
    const moved = [...rows.values()].some((row) => row.moves && row.moves.at(-1)[1] !== row.pop && row.at);
    const told = await text(figure.locator(".readout"));
    if (moved !== /elsewhere/.test(told)) faults.push(`${variant}: the slider tells ${told}`);
    const button = figure.locator(".tools button").first();
    const measured = [...rows.values()].some((row) => row.moves && row.at && row.moves.at(-1)[0] >= 1e9 * start);
    if (measured && (await button.count()) === 0) faults.push(`${variant}: no button leads to an event`);
    await page.keyboard.press("Home");
    if (await button.count()) {
      await button.click();
      if (!(await text(figure.locator(".readout"))).includes(await text(button)))
        faults.push(`${variant}: the button of an event leads elsewhere`);
    }
  }
  return faults;
}
