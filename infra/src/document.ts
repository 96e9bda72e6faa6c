/**
 * `pnpm exec node infra/src/document.ts`: writes the table of variables into infra/VARIABLES.md, and formats
 * it.
 */
import { runCommand } from "./command.ts";
import { writeTable } from "./configuration-document.ts";
import { REPOSITORY } from "./workspace.ts";

writeTable(REPOSITORY);
process.exitCode = (await runCommand("biome", ["format", "--write", "infra/VARIABLES.md"])).code ?? 1;
