// The reports that are looked at: every shipped scenario's, made as a reader of the documentation would make it, and
// those of runs that no shipped scenario has.
import { execFile } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const fastOpen = ["--toggle", "tcp.client_edge.fast_open"];

/** Scenarios that take seconds: two replications show what five do. */
const slow = ["maintenance-pairs", "pop-withdraw", "regional-anycast", "tfo-queue-256", "world-catchment"];

const world = {
  format: 1,
  run: { duration: "20s", seed: 1, replications: 2 },
  tls: "1.3",
  edge: { cache_hit_ratio: 1, processing: "1ms" },
};

/** 300 PoPs on a spiral around the globe, between 55 degrees south and 65 north. */
function manyPops() {
  const pops = Array.from({ length: 300 }, (_, i) => ({
    id: `p${i}`,
    at: [Number((-55 + (120 * i) / 299).toFixed(2)), Number((((i * 137.508) % 360) - 180).toFixed(2))],
    upstreams: [174, 1299],
  }));
  return {
    ...world,
    name: "pops-300",
    topology: { as_relationships: "builtin:internet-2018" },
    anycast: { peering: "open" },
    pops,
    clients: [{ id: "world", world: { sessions: "200/s" } }],
  };
}

const oneOrigin = (edge) => ({
  ...world,
  pops: [{ id: "ams" }],
  origins: [{ id: "web", rtt_to: { ams: "12ms" }, service_time: "20ms" }],
  edge,
});

function onlyFailures() {
  return {
    ...oneOrigin({ cache_hit_ratio: 0, processing: "1ms" }),
    name: "only-failures",
    clients: [{ id: "mobile", rtt_to: { ams: "80ms" }, population: 50, sessions: "5/s" }],
    events: [{ at: "0s", do: "origin_down", origin: "web", mode: "refuse" }],
  };
}

function singleClient() {
  return {
    ...oneOrigin({ cache_hit_ratio: 0.9, processing: "1ms" }),
    name: "single-client",
    clients: [
      {
        id: "somebody",
        rtt_to: { ams: "80ms" },
        population: 1,
        script: [{ at: "0s", steps: [{ request: "400B", response: "2KB" }] }],
      },
    ],
  };
}

/** Something for every section: two regions, an origin that is away for a while, packets kept, a threshold that fails. */
function everything() {
  return {
    ...oneOrigin({ cache_hit_ratio: 0.5, processing: "1ms" }),
    run: { duration: "20s", seed: 1, replications: 5 },
    name: "everything",
    clients: [
      { id: "eu", region: "eu", rtt_to: { ams: "30ms" }, population: 50, sessions: "5/s" },
      { id: "sa", region: "sa", rtt_to: { ams: "210ms" }, population: 20, sessions: "2/s", access: { loss: 0.02 } },
    ],
    tcp: { client_edge: { fast_open: true } },
    events: [{ at: "8s", do: "origin_down", origin: "web", mode: "refuse", for: "4s" }],
    output: { traces: [{ clients: "sa", first: 1 }] },
    thresholds: ["p95(ttfb) < 1ms", "p50(ttfb{region=sa}) < 1s", "count(outcome{code=521}) == 0"],
  };
}

/** Makes one report beside its Markdown and JSON. */
async function make(program, folder, name, command, file, options) {
  const out = (kind) => join(folder, `${name}.${kind}`);
  const outputs = ["html", "md", "json"].flatMap((kind) => ["-o", out(kind)]);
  await run(program, [command, file, ...options, "--exit-zero", "-q", ...outputs], { maxBuffer: 1 << 26 });
  return {
    name,
    path: out("html"),
    html: await readFile(out("html"), "utf8"),
    markdown: await readFile(out("md"), "utf8"),
    result: JSON.parse(await readFile(out("json"), "utf8")),
  };
}

async function shipped(scenarios) {
  const names = (await readdir(scenarios)).filter((name) => name.endsWith(".fb.json")).sort();
  const plans = [];
  for (const file of names) {
    const name = basename(file, ".fb.json");
    const text = await readFile(join(scenarios, file), "utf8");
    const options = slow.includes(name) ? ["--set", "run.replications=2"] : [];
    const variants = /^  "variants":/m.test(text);
    const toggled = !variants && /"fast_open": true/.test(text);
    plans.push({
      name,
      file: join(scenarios, file),
      command: variants || toggled ? "compare" : "run",
      options: toggled ? [...options, ...fastOpen] : options,
    });
  }
  return plans;
}

/** Results of three builds, one after the other, in which the edge got slower and faster again. */
async function history(program, folder, file) {
  const results = ["1ms", "3ms", "2ms"].map((processing, build) => [processing, join(folder, `build-${build}.json`)]);
  for (const [processing, path] of results)
    await run(program, ["run", file, "--set", `edge.processing=${processing}`, "--exit-zero", "-q", "-o", path]);
  return results.map(([, path]) => path);
}

async function special(program, folder) {
  const plans = [];
  for (const scenario of [manyPops(), onlyFailures(), singleClient(), everything()]) {
    const { name } = scenario;
    const file = join(folder, `${name}.fb.json`);
    await writeFile(file, JSON.stringify(scenario));
    const compared = name === "everything";
    plans.push({ name, file, command: compared ? "compare" : "run", options: compared ? fastOpen : [] });
  }
  // One axis makes curves, two make heat maps.
  const hits = ["--vary", "edge.cache_hit_ratio=0.2,0.5,0.9"];
  const waits = ["--vary", "origins[0].service_time=20ms,80ms,200ms,500ms"];
  const file = join(folder, "everything.fb.json");
  plans.push({ name: "sweep-curves", file, command: "sweep", options: waits });
  plans.push({ name: "sweep-map", file, command: "sweep", options: [...hits, ...waits] });
  const [first, ...later] = await history(program, folder, file);
  plans.push({ name: "trend", file: first, command: "report", options: later });
  plans.push({ name: "stored-comparison", file: first, command: "compare", options: later.slice(0, 1) });
  return plans;
}

/** Every report, by name, or only those of some names; two programs at once. */
export async function reports(program, scenarios, folder, only) {
  const all = [...(await shipped(scenarios)), ...(await special(program, folder))];
  const plans = all.filter(({ name }) => !only || only.includes(name));
  // The longest first, so that none is waited for at the end.
  const rest = [...plans].sort((a, b) => slow.includes(b.name) - slow.includes(a.name));
  const made = new Map();
  const work = async () => {
    for (let plan = rest.shift(); plan; plan = rest.shift())
      made.set(plan.name, await make(program, folder, plan.name, plan.command, plan.file, plan.options));
  };
  await Promise.all([work(), work()]);
  return plans.map((plan) => made.get(plan.name));
}
