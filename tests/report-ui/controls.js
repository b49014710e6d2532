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
