import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Files of a data directory that hold any of these bytes. */
export function filesWith(directory: string, some: readonly Buffer[]): string[] {
  return readdirSync(directory).filter((name) => {
    const content = readFileSync(join(directory, name));
    return some.some((bytes) => content.includes(bytes));
  });
}
