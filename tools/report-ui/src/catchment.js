/*! geoInterpolate and geoNaturalEarth1Raw: d3-geo. Copyright 2010-2026 Mike Bostock. Permission to use, copy, modify,
and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright
notice and this permission notice appear in all copies. THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL
WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL
THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE. */
import { geoInterpolate, geoNaturalEarth1Raw } from "d3-geo";

import { element } from "./theme.js";

/** The great circle between two places, cut where it leaves one edge of the map; as the static map has it. */
function way([fromLat, fromLon], [toLat, toLon], scale) {
  const pieces = 24;
  const along = geoInterpolate([fromLon, fromLat], [toLon, toLat]);
  let path = "";
  let last = 0;
  for (let i = 0; i <= pieces; ++i) {
    const [lon, lat] = along(i / pieces);
    const [x, y] = geoNaturalEarth1Raw((lon * Math.PI) / 180, (lat * Math.PI) / 180);
    const jump = i === 0 || Math.abs(lon - last) > 180;
    path += `${jump ? "M" : "L"}${(scale * x).toFixed(1)} ${(-scale * y).toFixed(1)}`;
    last = lon;
  }
  return path;
}

/** A client group on the map: its disc and its way, as they were drawn and as they are after a move. */
function mover(svg, name, data) {
  const here = (one) => one.dataset.client === name;
  const dot = [...svg.querySelectorAll(".dot")].find(here);
  const line = [...svg.querySelectorAll(".way")].find(here);
  if (!dot) return null;
  const title = dot.querySelector("title");
  const start = { fill: dot.getAttribute("fill"), title: title.textContent, d: line?.getAttribute("d") };
  const colour = line?.getAttribute("stroke");
  return (move) => {
    const to = move && data.places[move[1]];
    dot.setAttribute("fill", move ? (to?.colour ?? "none") : start.fill);
    title.textContent = move ? `${name} reaches ${move[1] ? `${move[1]}, RTT ${move[2]}` : "no PoP"}` : start.title;
    if (!line) return;
    line.setAttribute("d", move ? (to ? way(data.clients[name].at, to.at, data.scale) : "") : start.d);
    line.setAttribute("stroke", move ? (to?.colour ?? colour) : colour);
  };
}

/** A slider over time: each client group goes where it goes then, each PoP's mark is as large as its requests are many. */
export function catchment(figure, data) {
  const svg = figure.querySelector("svg.map");
  const marks = [...figure.querySelectorAll(".pop")];
  let variant = data.variants[0];
  const steps = Math.max(0, ...Object.values(variant.pops).map((values) => values.length));
  if (steps === 0 || marks.length < 2) return;
  const movers = Object.keys(data.clients).map((name) => [name, mover(svg, name, data)]);
  const most = Math.max(1, ...data.variants.flatMap(({ pops }) => Object.values(pops).flat()));
  const time = (step) => `${Number((data.start + step * data.step).toPrecision(6))} s`;
  const id = "catchment-time";
  const tools = element("div", { class: "tools" });
  const slider = element("input", { type: "range", id, min: "0", max: String(steps - 1), value: "0" });
  tools.append(element("label", { for: id }, "Time"), slider);
  const events = element("div", { class: "tools" });
  const readout = element("p", { class: "readout", role: "status" }, "Move the slider: where clients go over time.");
  figure.querySelector(".plot").after(tools, events, readout);

  const scaled = (mark, count) => {
    const box = mark.getBBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const size = 0.35 + 1.65 * Math.sqrt(count / most);
    mark.setAttribute("transform", `translate(${x} ${y}) scale(${size.toFixed(3)}) translate(${-x} ${-y})`);
  };
  const show = () => {
    const step = Number(slider.value);
    const until = data.start + (step + 1) * data.step; // what happens within the step has happened
    for (const mark of marks) scaled(mark, variant.pops[mark.dataset.pop]?.[step] ?? 0);
    let elsewhere = 0;
    for (const [name, move] of movers) {
      const now = (variant.moves[name] ?? []).filter(([at]) => at < until).pop();
      move?.(now);
      // Back at the PoP of the start is not elsewhere.
      if (now && now[1] !== data.clients[name].pop) elsewhere += data.clients[name].people;
    }
    const shown = Object.keys(variant.pops)
      .map((name) => [name, variant.pops[name][step]])
      .filter(([, count]) => count > 0)
      .sort((a, b) => b[1] - a[1]);
    const told = shown.slice(0, 6).map(([name, count]) => `${name}\u00a0${count}`);
    if (shown.length > 6) told.push(`and ${shown.length - 6} more`);
    const before = variant.events.filter((event) => event.at < until).pop();
    const share = `${((100 * elsewhere) / data.people).toPrecision(3)}\u00a0% of the clients go elsewhere than at the start`;
    readout.textContent =
      `${time(step)}: ${told.length ? `${told.join(", ")} requests/s` : "no request"}` +
      `${before ? `, after ${before.text}` : ""}${elsewhere ? `; ${share}` : ""}`;
    slider.setAttribute("aria-valuetext", readout.textContent);
  };
  slider.addEventListener("input", show);

  /** Buttons that lead to the moments at which something happens. */
  const jumps = () =>
    variant.events
      .filter(({ at }) => at >= data.start && at < data.start + steps * data.step)
      .slice(0, 6)
      .map(({ at, text }) => {
        const button = element("button", { type: "button" }, text);
        button.addEventListener("click", () => {
          slider.value = String(Math.floor((at - data.start) / data.step));
          show();
        });
        return button;
      });
  events.append(...jumps());
  if (data.variants.length < 2) return;
  const choice = element("select", { id: "catchment-variant" });
  for (const { name } of data.variants) choice.append(element("option", { value: name }, name));
  choice.addEventListener("change", () => {
    variant = data.variants[choice.selectedIndex];
    events.replaceChildren(...jumps());
    show();
  });
  tools.prepend(element("label", { for: "catchment-variant" }, "Variant"), choice);
}
