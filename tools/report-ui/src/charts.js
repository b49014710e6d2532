import uPlot from "uplot";

import { colour, element, onTheme, onWidth } from "./theme.js";

const font = "13px system-ui, sans-serif";
const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3]];
const height = (width) => Math.max(240, Math.min(340, Math.round(width * 0.58)));

const axis = (label, extra = {}) => ({
  label,
  labelFont: font,
  font,
  labelSize: 22,
  stroke: colour("ink"),
  grid: { stroke: colour("line"), width: 1 },
  ticks: { stroke: colour("line"), width: 1 },
  ...extra,
});

/** Shows a chart in place of the static one, drawn anew when the theme changes. */
function show(figure, options, rows) {
  const plot = figure.querySelector(".plot");
  const picture = plot.querySelector("svg");
  const label = picture.getAttribute("aria-label");
  const box = element("div", { role: "img", "aria-label": label });
  plot.replaceChildren(box);
  let chart = null;
  const draw = () => {
    const width = Math.floor(plot.clientWidth) || 480;
    chart?.destroy();
    chart = new uPlot({ ...options(), width, height: height(width), legend: { show: false } }, rows(), box);
  };
  draw();
  onTheme(draw);
  onWidth(plot, (width) => chart.setSize({ width, height: height(width) }));
  // Paper gets the static chart, whose lines are sharp at any size.
  addEventListener("beforeprint", () => plot.replaceChildren(picture));
  addEventListener("afterprint", () => plot.replaceChildren(box));
  return draw;
}

const number = (value) => (value < 1 ? value.toFixed(3) : value.toFixed(1));
const plainTicks = (_, splits) => splits.map((v) => (v === null ? "" : String(Number(v.toPrecision(3)))));

/** Steps of an axis of counts: 1, 2, 5, 10 and so on. */
const whole = Array.from({ length: 30 }, (_, i) => [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3));

/** The time at which a share of the requests had their first byte. */
function quantile(x, shares, q) {
  let low = 0;
  let high = shares.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shares[middle] >= q) high = middle;
    else low = middle + 1;
  }
  return x[low];
}

/** Distributions: the cursor's height is a quantile, of which every variant's value is told. */
export function cdf(figure, data) {
  const readout = element("p", { class: "readout", role: "status" }, "Point at the chart: quantile and values.");
  figure.querySelector(".plot").after(readout);
  const say = (q) => {
    const share = Math.min(Math.max(q, 0), 1);
    // Blanks that do not break: a name stays with its value.
    const values = data.names.map((name, i) => `${name}\u00a0${number(quantile(data.x, data.y[i], share))}\u00a0ms`);
    readout.textContent = `p${Number((100 * share).toPrecision(3))}: ${values.join(", ")}`;
  };
  const steps = uPlot.paths.stepped({ align: 1 });
  show(
    figure,
    () => ({
      padding: [8, 24, 0, 0],
      scales: {
        x: { time: false, distr: 3, log: 10, range: data.range },
        y: { range: [0, 100] },
      },
      axes: [
        axis("time to first byte, ms (log scale)", {
          splits: () => data.ticks.map(([at]) => at),
          values: (_, splits) => splits.map((at) => data.ticks.find(([other]) => other === at)?.[1] ?? ""),
          filter: (_, splits) => splits,
        }),
        axis("% of requests", { size: 52 }),
      ],
      series: [
        {},
        ...data.names.map((label, i) => ({
          label,
          stroke: colour(`c${i % 8}`),
          width: 2,
          dash: dashes[i % 4],
          paths: steps,
          points: { show: false },
        })),
      ],
      cursor: { drag: { x: true, y: false }, points: { show: false } },
      hooks: {
        setCursor: [(u) => u.cursor.top >= 0 && say(u.posToVal(u.cursor.top, "y") / 100)],
      },
    }),
    // From nothing at the left edge to everything at the right one: one value alone is a step, too.
    () => [
      [data.range[0], ...data.x, data.range[1]],
      ...data.y.map((shares) => [0, ...shares.map((share) => 100 * share), 100]),
    ],
  );
  // The same with keys: arrows move the quantile.
  const plot = figure.querySelector(".plot");
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", "Distribution; arrow keys move the quantile");
  let q = 0.5;
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 0.01, ArrowRight: 0.01, ArrowDown: -0.01, ArrowLeft: -0.01 }[event.key];
    if (!step) return;
    event.preventDefault();
    q = Math.min(Math.max(q + step, 0), 1);
    say(q);
  });
}

/** Outcomes over time: columns on top of one another, or a line for each code on a log scale. */
export function outcomes(figure, data) {
  const x = data.y[0].map((_, i) => data.start + i * data.step);
  let log = false;
  const readout = element("p", { class: "readout", role: "status" });
  const button = element("button", { type: "button", "aria-pressed": "false" }, "Log scale");
  const tools = element("div", { class: "tools" });
  tools.append(button);
  figure.querySelector(".plot").after(readout, tools);

  // Sums from below: the topmost is drawn first, and the ones below it cover their part.
  const sums = data.y.map((_, i) => x.map((__, at) => data.y.slice(0, i + 1).reduce((all, y) => all + y[at], 0)));
  // The last column, too, is at least two pixels wide.
  const end = data.start + data.step * Math.max(x.length, (x.length - 1) * 1.008);
  const bars = uPlot.paths.bars({ size: [1, Infinity, 2], align: 1, gap: 0 });
  // Beneath the columns, which keep the colours of the key.
  const shade = ({ ctx, bbox, valToPos }) => {
    if (data.window_end === undefined) return;
    const from = Math.max(bbox.left, valToPos(data.window_end, "x", true));
    ctx.save();
    ctx.fillStyle = "rgba(136, 136, 136, 0.25)";
    ctx.fillRect(from, bbox.top, Math.max(0, bbox.left + bbox.width - from), bbox.height);
    ctx.restore();
  };
  const drawMarks = (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = colour("ink");
    ctx.fillStyle = colour("ink");
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = `${12 * devicePixelRatio}px sans-serif`;
    ctx.textAlign = "center";
    let free = 0;
    data.marks.forEach((mark, i) => {
      const at = u.valToPos(mark.at, "x", true);
      if (at < bbox.left || at > bbox.left + bbox.width) return;
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
      if (at < free) return;
      ctx.fillText(String(i + 1), at, bbox.top - 3 * devicePixelRatio);
      free = at + 18 * devicePixelRatio;
    });
    ctx.restore();
  };
  const order = data.names.map((_, i) => (log ? i : data.names.length - 1 - i));
  const draw = show(
    figure,
    () => ({
      padding: [18, 12, 0, 0],
      scales: {
        x: { time: false, range: [data.start, end] },
        y: log ? { distr: 3, log: 10 } : { range: (_, __, max) => [0, Math.max(1, max * 1.05)] },
      },
      axes: [axis("simulated time, s"), axis(data.unit, { size: 60, values: plainTicks, ...(log ? {} : { incrs: whole }) })],
      series: [
        {},
        ...order.map((i) => ({
          label: data.names[i],
          stroke: colour(`c${data.colours[i]}`),
          fill: log ? undefined : colour(`c${data.colours[i]}`),
          width: log ? 2 : 0,
          paths: log ? undefined : bars,
          points: { show: log },
        })),
      ],
      cursor: { drag: { x: true, y: false }, points: { show: false } },
      hooks: {
        drawClear: [shade],
        draw: [drawMarks],
        setCursor: [
          (u) => {
            const at = u.cursor.left < 0 ? -1 : Math.floor((u.posToVal(u.cursor.left, "x") - data.start) / data.step);
            if (at < 0 || at >= x.length) return;
            const counts = data.names.map((name, i) => `${name}:\u00a0${data.y[i][at]}`);
            readout.textContent = `from ${Number(x[at].toPrecision(6))} s: ${counts.join(", ")}`;
          },
        ],
      },
    }),
    () => [x, ...order.map((i) => (log ? data.y[i].map((v) => (v > 0 ? v : null)) : sums[i]))],
  );
  button.addEventListener("click", () => {
    log = !log;
    button.setAttribute("aria-pressed", String(log));
    draw();
  });
}
