/** Other Nodes than this one: what is said to run on Node 20 is run on the oldest that the machine has. */
import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface Node {
  readonly path: string;
  /** Such as "20.20.2". */
  readonly version: string;
}

/** The oldest Node on the path of version 20 or later; this process's own when there is no other. */
export function oldestNode(): Node {
  const found = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  const nodes = [...new Set([...found, process.execPath])].map((path) => ({
    path,
    version: versionOf(path),
  }));
  const [oldest] = nodes
    .filter(({ version }) => Number.parseInt(version, 10) >= 20)
    .sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
  return oldest as Node;
}

function versionOf(path: string): string {
  return execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1);
}
