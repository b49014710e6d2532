// One Chromium for all pages. A page notes whatever it asks for beyond its own file, and whatever it complains about.
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

export const desk = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

export const launch = (executablePath) =>
  chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"],
  });

/** Opens a report. `complaints` of the answer is empty as long as all is well. */
export async function open(browser, path, { size = desk, dark = false, scripts = true, print = false } = {}) {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: scripts,
    deviceScaleFactor: 1,
    reducedMotion: "reduce",
    offline: true,
  });
  context.setDefaultTimeout(120_000); // of a machine that does much else, too
  const page = await context.newPage();
  const own = pathToFileURL(path).href;
  const complaints = [];
  page.on("request", (request) => {
    const url = request.url();
    if (url.split("#")[0] !== own && !url.startsWith("blob:")) complaints.push(`asks for ${url.slice(0, 200)}`);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  if (scripts)
    await page.addInitScript(() => {
      window.refused = [];
      addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
    });
  if (print) await page.emulateMedia({ media: "print" });
  await page.goto(own, { waitUntil: "load" });
  if (scripts) complaints.push(...(await page.evaluate(() => window.refused)));
  return { page, complaints, close: () => context.close() };
}
