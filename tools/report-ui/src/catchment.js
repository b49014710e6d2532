import { element } from "./theme.js";

/** A slider over time: each PoP's mark is as large as its number of requests then. */
export function catchment(figure, data) {
  const names = Object.keys(data.pops);
  const marks = [...figure.querySelectorAll(".pop")];
  if (names.length < 2 || marks.length < 2) return;
  const steps = data.pops[names[0]].length;
  const most = Math.max(1, ...names.flatMap((name) => data.pops[name]));
  const time = (step) => `${Number((data.start + step * data.step).toPrecision(6))} s`;
  const id = "catchment-time";
  const tools = element("div", { class: "tools" });
  const slider = element("input", { type: "range", id, min: "0", max: String(steps - 1), value: "0" });
  tools.append(element("label", { for: id }, "Time"), slider);
  const readout = element("p", { class: "readout", role: "status" }, "Move the slider: requests of each PoP over time.");
  figure.querySelector(".plot").after(tools, readout);

  slider.addEventListener("input", () => {
    const step = Number(slider.value);
    for (const mark of marks) {
      const count = data.pops[mark.dataset.pop]?.[step] ?? 0;
      const box = mark.getBBox();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const size = 0.35 + 1.65 * Math.sqrt(count / most);
      mark.setAttribute("transform", `translate(${x} ${y}) scale(${size.toFixed(3)}) translate(${-x} ${-y})`);
    }
    const shown = names
      .map((name) => [name, data.pops[name][step]])
      .filter(([, count]) => count > 0)
      .sort((a, b) => b[1] - a[1]);
    const told = shown.slice(0, 6).map(([name, count]) => `${name}\u00a0${count}`);
    if (shown.length > 6) told.push(`and ${shown.length - 6} more`);
    const before = data.events.filter((event) => event.at <= data.start + (step + 1) * data.step).pop();
    readout.textContent = `${time(step)}: ${told.join(", ") || "no request"}${before ? ` (after ${before.text})` : ""}`;
    slider.setAttribute("aria-valuetext", readout.textContent);
  });
}
