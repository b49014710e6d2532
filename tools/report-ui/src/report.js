// What the report does beyond its static charts and tables: hover, zoom, sorting, CSV, a log scale, a slider over time.
// Nothing is loaded; the numbers come from the script element "data" and from the tables themselves.
import { catchment } from "./catchment.js";
import { cdf, outcomes } from "./charts.js";
import { tables } from "./tables.js";
import { tips } from "./tips.js";

const data = JSON.parse(document.getElementById("data").textContent);

for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const kind = figure.dataset.chart;
  if (kind === "cdf") cdf(figure, data.cdf);
  else if (kind.startsWith("outcomes-")) outcomes(figure, data[kind]);
  else if (kind === "catchment") catchment(figure, data.catchment);
}
tables(document);
tips(document);
