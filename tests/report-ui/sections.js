// Which sections a report must have, told from its result alone: a section without data is left out.

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

const metrics = (result, name, label) =>
  result.variants.flatMap((variant) =>
    variant.metrics.filter(
      (metric) => metric.name === name && Object.keys(metric.labels).join() === (label === undefined ? "" : label),
    ),
  );
const count = (result, name, label) => sum(metrics(result, name, label).map((metric) => metric.count ?? 0));
const values = (result, name, label) => new Set(metrics(result, name, label).map((m) => m.labels[label]));

const compared = (result) => result.variants.length > 1;
const answered = (result) => metrics(result, "ttfb").some((metric) => (metric.histogram?.bins ?? []).length > 0);
/** Every variant has quantiles to set against those of the first. */
const changed = (result, labelled) =>
  compared(result) &&
  result.comparisons.some(
    (row) => row.metric === "ttfb" && (labelled ? row.labels[labelled] : Object.keys(row.labels).length === 0),
  );
const placed = (result) => result.catchment.some((row) => row.at !== undefined || row.lat !== undefined);

/** In the order of the report. `null`: either is right. */
const rules = [
  ["verdict", () => true],
  ["thresholds", (result) => result.thresholds.length > 0],
  ["ttfb", answered],
  ["shift", (result) => changed(result)],
  ["rtt", (result) => changed(result, "rtt")],
  [
    "region",
    (result) =>
      ["region", "country", "client"].some((label) => values(result, "ttfb", label).size > 1) ||
      (placed(result) && null),
  ],
  ["round-trips", (result) => count(result, "syn_data_accepted") + count(result, "tfo_fallback") > 0],
  ["connection", (result) => result.traces.some((trace) => (trace.packets ?? []).length > 0)],
  ["outcomes", (result) => count(result, "outcome", "code") > 0],
  ["causes", (result) => result.causes.some((row) => row.code !== "200")],
  ["reuse", (result) => (count(result, "reuse") + count(result, "keepalive_probes") > 0 ? true : null)],
  ["catchment", (result) => result.catchment.length > 0 && values(result, "connections", "pop").size > 0],
  ["load", (result) => (result.timeline?.series ?? []).some((row) => row.metric === "pop_load") || null],
  ["method", () => true],
];

/** What is wrong with the ids of the sections a report has. */
export function sectionFaults(result, present) {
  if (result.variants === undefined) {
    const all = `verdict ${result.kind} method`; // all that a sweep or a trend has
    return present.join(" ") === all ? [] : [`sections of a ${result.kind}: ${present.join(" ")}`];
  }
  const faults = [];
  for (const [id, rule] of rules) {
    const wanted = rule(result);
    if (wanted === true && !present.includes(id)) faults.push(`section ${id} is missing`);
    if (wanted === false && present.includes(id)) faults.push(`section ${id} has no data and is there`);
  }
  const order = rules.map(([id]) => id);
  const known = present.filter((id) => order.includes(id));
  if (known.some((id, i) => i > 0 && order.indexOf(id) < order.indexOf(known[i - 1])))
    faults.push(`sections out of order: ${present.join(" ")}`);
  return faults;
}

/** What is wrong with the pictures of how routes came to rest: a table of all events, a chart of those that moved most. */
export async function convergenceFaults(page, result) {
  const rows = result.convergence ?? [];
  const moving = rows.filter((row) => row.clients.moved + row.ases.moved > 0);
  const moved = new Set(moving.map((row) => `${row.variant} ${row.at_ns} ${row.prefix_group ?? ""}`)).size;
  const wanted = { events: rows.length, charts: Math.min(moved, 4) };
  const events = await page.locator('table[data-name="convergence-after-each-event"] tbody tr').count();
  const charts = await page.locator('figure:has(svg[aria-label^="How routes came to rest"]):has(details table)').count();
  return wanted.events === events && wanted.charts === charts
    ? []
    : [`convergence: ${events} events and ${charts} charts for ${wanted.events} and ${wanted.charts}`];
}
