import { element } from "./theme.js";

/** The words of a mark appear beside the pointer at once, where browsers show a <title> late or, on touch, never. */
export function tips(root) {
  for (const plot of root.querySelectorAll(".plot")) {
    const tip = element("div", { class: "tip", hidden: "" });
    plot.addEventListener("pointermove", (event) => {
      let mark = event.target.closest?.("svg *");
      let title = null;
      for (; mark && !title; mark = mark.parentElement) title = mark.querySelector(":scope > title");
      tip.hidden = !title;
      if (!title) return;
      if (!tip.isConnected) plot.append(tip);
      tip.textContent = title.textContent;
      const box = plot.getBoundingClientRect();
      const x = Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 4);
      tip.style.left = `${Math.max(0, x)}px`;
      tip.style.top = `${event.clientY - box.top + 16}px`;
    });
    plot.addEventListener("pointerleave", () => (tip.hidden = true));
  }
}
