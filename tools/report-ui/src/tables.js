import { element } from "./theme.js";

const value = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
};

const compare = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = element("button", { type: "button" }, heading.textContent);
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
      table.tBodies[0].append(...rows);
    });
  });
}

const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** RFC 4180; a number is written as it is sorted by, in its base unit (ns, shares of 1). */
export function csv(table) {
  const rows = [...table.rows].map((row) =>
    [...row.cells].map((cell) => quoted(cell.dataset.v ?? cell.textContent.trim())).join(","),
  );
  return rows.join("\r\n") + "\r\n";
}

function downloadable(table) {
  const button = element("button", { type: "button", class: "csv" }, "CSV");
  button.setAttribute("aria-label", `Download as CSV: ${table.caption.textContent}`);
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
    const link = element("a", { href: url, download: `${table.dataset.name}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
  table.closest(".wide").after(button);
}

export function tables(root) {
  for (const table of root.querySelectorAll("table[data-name]")) {
    downloadable(table);
    if (table.tBodies[0].rows.length > 1) sortable(table);
  }
}
