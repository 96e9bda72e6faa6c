/**
 * READMEs stay short and narrow, because people read them in a hurry. Long tables are in files of their own.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NOT_OURS } from "./workspace.ts";

const MOST_LINES = 120;
const MOST_COLUMNS = 100;

/** One sentence for each README that is too long, and for each line that is too wide. Sorted by file. */
export function readmeFaults(root: string): readonly string[] {
  return globSync("**/README.md", { cwd: root, exclude: NOT_OURS })
    .sort()
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), "utf8").replace(/\n$/, "").split("\n");
      const wide = lines.flatMap((line, index) => {
        const columns = [...line].length;
        return columns > MOST_COLUMNS
          ? [`${file}:${index + 1}: ${columns} columns, ${MOST_COLUMNS} at most`]
          : [];
      });
      return lines.length > MOST_LINES
        ? [`${file}: ${lines.length} lines, ${MOST_LINES} at most`, ...wide]
        : wide;
    });
}
