// Opens the report of every shipped scenario, and of some that are not shipped, in a browser.
//
//   FIRSTBYTE_PROGRAM    the program                          FIRSTBYTE_SCENARIOS  folder of the scenarios
//   FIRSTBYTE_PICTURES   where screenshots go                 CHROMIUM             the browser [/usr/bin/chromium]
//   FIRSTBYTE_ONLY       names of reports, with commas [all]
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

import { desk, launch, open, phone } from "./browser.js";
import { catchmentFaults, controlFaults, csvFaults } from "./controls.js";
import { readouts, tips } from "./hover.js";
import * as look from "./look.js";
import { missing, summaryNumbers } from "./numbers.js";
import { reports } from "./reports.js";
import { convergenceFaults, sectionFaults } from "./sections.js";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const { FIRSTBYTE_PROGRAM: program, FIRSTBYTE_SCENARIOS: scenarios, FIRSTBYTE_PICTURES: pictures } = process.env;
assert.ok(program && scenarios && pictures, "see the top of report.test.js for what must be set");
const chromium = process.env.CHROMIUM || "/usr/bin/chromium";
if (!existsSync(chromium) && !process.env.FIRSTBYTE_REQUIRE_CHROMIUM) {
  console.log(`skipped: no browser at ${chromium}; CHROMIUM names another one`);
  process.exit(0);
}
const only = process.env.FIRSTBYTE_ONLY?.split(",");

/** Reports that have every kind of section and shape between them: these are looked at in every way. */
const thorough = ["tfo-minimal", "maintenance-pairs", "world-catchment", "pops-300", "only-failures", "single-client", "everything", "sweep-map"];

const folder = await mkdtemp(join(tmpdir(), "firstbyte-report-ui-"));
await mkdir(pictures, { recursive: true });
const [browser, made] = await Promise.all([launch(chromium), reports(program, scenarios, folder, only)]);
after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});
const validator = new HtmlValidate(
  new FileSystemConfigLoader({
    extends: ["html-validate:standard"],
    rules: {
      // Of taste: the reports write attributes and void elements in one way, checked by eye.
      "void-style": "off",
      "long-title": "off",
    },
  }),
);

const none = (faults) => assert.deepEqual(faults, []);
/** The first screen, and the whole page of those that are looked at in every way. */
async function picture(page, report, kind, whole) {
  await page.screenshot({ path: join(pictures, `${report.name}-${kind}.png`) });
  if (whole) await page.screenshot({ path: join(pictures, `${report.name}-${kind}-whole.png`), fullPage: true });
}

async function serious(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = false)));
  // Added past the policy, which the report rightly has and this test is not held to.
  await page.evaluate(await axeSource());
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map(
      (one) =>
        `${one.id}: ${one.nodes.length} times, as ${one.nodes[0].html.slice(0, 120)} ${one.nodes[0].failureSummary}`,
    );
}
let axeText;
const axeSource = async () => (axeText ??= await readFile(axe, "utf8"));

/** Opens a report in one way and hands it to checks that may all fail. */
const way = (report, name, how, checks) =>
  test(`${report.name}: ${name}`, async () => {
    const { page, complaints, close } = await open(browser, report.path, how);
    try {
      await checks(page);
      none(complaints);
    } finally {
      await close();
    }
  });

function withScripts(report, heavy) {
  way(report, "on a desk", {}, async (page) => {
    await picture(page, report, "desk-light", heavy);
    // A sentence for each variant: of many, the last ones are below.
    const few = (report.result.variants ?? []).length <= 5;
    none(await page.evaluate(look.firstScreen, [".badge", ".verdict", ...(few ? [".tiles", "#ttfb-title"] : [])]));
    assert.ok(report.html.includes('id="data"'), "the program was built without the report's scripts");
    const present = await page.locator("main > section").evaluateAll((all) => all.map((one) => one.id));
    none(sectionFaults(report.result, present));
    none(await convergenceFaults(page, report.result));
    none(await page.evaluate(look.links));
    none(await page.evaluate(look.sideways));
    none(await page.evaluate(look.cut));
    none(await page.evaluate(look.empty));
    none(await page.evaluate(look.words));
    const { faults: still } = await readouts(page);
    none(still);
    const { faults: silent } = await tips(page);
    none(silent);
    none(await controlFaults(page));
    none(await catchmentFaults(page, report.result));
    none(await serious(page));
    if (heavy) none(await csvFaults(page));
    const { faults: unsorted, sorted } = await page.evaluate(look.sorting);
    none(unsorted);
    assert.ok(sorted > 0, "no table can be sorted");
  });
  way(report, "on a phone", { size: phone }, async (page) => {
    await picture(page, report, "phone-light", heavy);
    none(await page.evaluate(look.firstScreen, [".badge", ".verdict"]));
    none(await page.evaluate(look.sideways));
    none(await page.evaluate(look.cut));
    none(await page.evaluate(look.empty));
    none(await page.evaluate(look.words));
  });
  if (!heavy) return;
  for (const [place, size] of [
    ["desk", desk],
    ["phone", phone],
  ])
    way(report, `on a ${place} in the dark`, { size, dark: true }, async (page) => {
      await picture(page, report, `${place}-dark`, true);
      none(await page.evaluate(look.sideways));
      none(await page.evaluate(look.empty));
      none(await page.evaluate(look.words));
      none(await serious(page));
    });
}

function withoutScripts(report, heavy) {
  way(report, "without scripts", { scripts: false }, async (page) => {
    if (heavy) await picture(page, report, "desk-no-scripts", true);
    none(await page.evaluate(look.empty));
    none(await page.evaluate(look.words));
    none(await page.evaluate(look.sideways));
    const { open: plain, folded } = summaryNumbers(report.markdown);
    assert.ok(plain.length > 3, "the summary has numbers");
    none(missing(plain, await page.evaluate(look.visible, false)));
    none(missing(folded, await page.evaluate(look.visible, true)));
  });
  if (!heavy) return;
  way(report, "on a phone without scripts", { size: phone, scripts: false }, async (page) => {
    await picture(page, report, "phone-no-scripts", true);
    none(await page.evaluate(look.words));
    none(await page.evaluate(look.sideways));
  });
}

function onPaper(report) {
  // A4 without its margins, at 96 px an inch.
  way(report, "on paper", { size: { width: 718, height: 1000 }, print: true }, async (page) => {
    await picture(page, report, "print", true);
    none(await page.evaluate(look.sideways));
    none(await page.evaluate(look.words));
    const file = join(pictures, `${report.name}.pdf`);
    const margin = "1cm";
    await page.pdf({
      path: file,
      format: "A4",
      margin: { top: margin, bottom: margin, left: margin, right: margin },
    });
  });
}

describe("reports", { concurrency: 4 }, () => {
  for (const report of made) {
    const heavy = thorough.includes(report.name);
    test(`${report.name}: valid HTML`, async () => {
      const { results } = await validator.validateString(report.html);
      const faults = results
        .flatMap((one) => one.messages)
        .map((one) => `${one.ruleId}: ${one.message} (${one.line}:${one.column})`);
      none([...new Set(faults)].slice(0, 10));
    });
    withScripts(report, heavy);
    withoutScripts(report, heavy);
    if (heavy) onPaper(report);
  }
});
