/** `node build/write-reference.ts`: writes generated/REFERENCE.md. */
import { writeFileSync } from "node:fs";
import { reference } from "./reference.ts";

writeFileSync(new URL("../generated/REFERENCE.md", import.meta.url), await reference());
