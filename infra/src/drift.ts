/**
 * Finds drift: versions outside the catalogue, files that are too long, documents that disagree with the
 * code.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { documentFaults } from "./configuration-document.ts";
import { linkFaults, pnpmFaults } from "./links.ts";
import { readmeFaults } from "./readmes.ts";
import { dependenciesOf, readWorkspace } from "./workspace.ts";

const MOST_LINES = 400;
const LICENSE = "Apache-2.0";
/**
 * Not counted here: the linter counts the lines of programs (biome.json), and the other files are generated.
 */
const LEFT_ALONE = [
  /\.[cm]?[jt]sx?$/,
  /(^|\/)vectors\/[^/]+\.json$/,
  /(^|\/)generated\//,
  /(^|\/)pnpm-lock\.yaml$/,
];

/** One sentence for each fault. */
export function driftFaults(root: string): readonly string[] {
  return [
    ...versionFaults(root),
    ...licenseFaults(root),
    ...lengthFaults(root),
    ...readmeFaults(root),
    ...linkFaults(root),
    ...pnpmFaults(root),
    ...documentFaults(root),
  ];
}

/** Versions stand in the catalogue only: every manifest says `catalog:` or `workspace:*`. */
export function versionFaults(root: string): readonly string[] {
  return readWorkspace(root).flatMap(({ folder, manifest }) =>
    dependenciesOf(manifest)
      .filter(([, , version]) => version !== "catalog:" && version !== "workspace:*")
      .map(([, name]) => `${join(folder, "package.json")}: ${name} must say "catalog:" or "workspace:*"`),
  );
}

/** Each manifest names the licence of the LICENSE file. */
export function licenseFaults(root: string): readonly string[] {
  return readWorkspace(root)
    .filter(({ manifest }) => manifest.license !== LICENSE)
    .map(({ folder }) => `${join(folder, "package.json")}: license must be "${LICENSE}"`);
}

/** Counts the lines of all tracked and untracked files, except ignored ones. Binary files have no lines. */
export function lengthFaults(root: string): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed
    .split("\0")
    .filter((file) => file !== "" && !LEFT_ALONE.some((rule) => rule.test(file)))
    .sort();
  return files.flatMap((file) => {
    const lines = lineCount(join(root, file));
    return lines > MOST_LINES ? [`${file}: ${lines} lines, ${MOST_LINES} at most`] : [];
  });
}

function lineCount(path: string): number {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    // The file is deleted but still in the index.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
  if (bytes.includes(0)) return 0;
  return bytes.reduce((lines, byte) => (byte === 10 ? lines + 1 : lines), 0);
}
