// Numbers of the Markdown summary, to be found again in the report.

const number = /[+-]?\d{1,3}(?: \d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?/g;
/** Blanks of every kind between digits are one kind, and a minus is a hyphen. */
const plain = (text) => text.replace(/[\u00a0\u2009\u202f]/g, " ").replace(/\u2212/g, "-");
/** Markdown writes what could be markup as references, and says how many rows it leaves out of a long table. */
const readable = (markdown) =>
  markdown.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))).replace(/^\.\.\. and \d+ more$/gm, "");

/** Those outside of folded parts, and those within. A diagram's source is no number to read. */
export function summaryNumbers(markdown) {
  const text = plain(readable(markdown)).replace(/```mermaid[\s\S]*?```/g, "");
  const folded = text.match(/<details>[\s\S]*?<\/details>/g) ?? [];
  const open = text.replace(/<details>[\s\S]*?<\/details>/g, "");
  return { open: open.match(number) ?? [], folded: folded.join("\n").match(number) ?? [] };
}

/** Those of `numbers` that `text` lacks. */
export function missing(numbers, text) {
  const there = new Set(plain(text).match(number) ?? []);
  const words = plain(text);
  return [...new Set(numbers)].filter((one) => !there.has(one) && !words.includes(one));
}
