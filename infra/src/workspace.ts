/** Reads the workspace from disk: its packages and their dependencies. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository this file belongs to. */
export const REPOSITORY = new URL("../../", import.meta.url).pathname;

/** Globs of files that the repository does not hold. */
export const NOT_OURS = ["**/node_modules/**", "**/dist/**"];

export interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Relative to the root, such as `apps/api`; "" for the root itself. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Reads the root and every package, sorted by folder. Throws if a manifest is not JSON. */
export function readWorkspace(root: string): readonly WorkspacePackage[] {
  const folders = ["", ...globSync(["apps/*", "packages/*", "infra"], { cwd: root }).sort()];
  return folders.flatMap((folder) => {
    const text = readIfThere(join(root, folder, "package.json"));
    return text === null ? [] : [{ folder, manifest: JSON.parse(text) as Manifest }];
  });
}

/** All dependencies of all kinds, as [kind, name, version]. */
export function dependenciesOf(
  manifest: Manifest,
): readonly (readonly [kind: string, name: string, version: string])[] {
  const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;
  return kinds.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).map(([name, version]) => [kind, name, version] as const),
  );
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
