// node check.mjs FILE, where FILE is { "draft": "draft-07" or "2020-12", "schema": {}, "documents": [] }:
// for each document a line, empty where it fits and otherwise with what ajv says.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";

const { draft, schema, documents } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const options = { strict: true, strictTypes: false, strictRequired: false, validateFormats: false };
const ajv = draft === "2020-12" ? new Ajv2020(options) : new Ajv(options);
ajv.addKeyword("markdownDescription"); // that editors show
const fits = ajv.compile(schema);
for (const document of documents) {
  console.log(fits(document) ? "" : ajv.errorsText(fits.errors).replaceAll("\n", " "));
}
