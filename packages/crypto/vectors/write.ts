// Writes the vector files. Only for a new format version: within one, a changed byte is a broken envelope somewhere.
import { writeFileSync } from "node:fs";
import { generateVectors, vectorText } from "./generate.ts";

for (const [name, content] of Object.entries(await generateVectors())) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), vectorText(content));
}
