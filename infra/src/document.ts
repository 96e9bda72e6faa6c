/** `node infra/src/document.ts`: writes the table of variables into infra/README.md. */
import { writeTable } from "./configuration-document.ts";
import { REPOSITORY } from "./workspace.ts";

writeTable(REPOSITORY);
