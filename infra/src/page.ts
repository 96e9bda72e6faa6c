/** Builds the page with its package's script. */
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { succeeds } from "./command.ts";
import { REPOSITORY, readWorkspace } from "./workspace.ts";

const FOLDER = "apps/web";
const BUILT = "apps/web/dist/index.html";
/** The sources of the page. Folders are included, because removing a file changes only its folder's time. */
const SOURCES = [
  "apps/web/{build,public,src}/**",
  "apps/web/*.{html,json,ts}",
  "packages/{client,crypto,wire}/{package.json,src/**}",
  "pnpm-lock.yaml",
];

/** Builds apps/web/dist. Shows the build's output only on failure. */
export function buildPage(say: (line: string) => void): Promise<boolean> {
  const script = readWorkspace(REPOSITORY).find(({ folder }) => folder === FOLDER)?.manifest.scripts?.build;
  return succeeds("sh", ["-c", script ?? "false"], say, { folder: FOLDER });
}

/** Builds only if a source is newer than the build. Returns whether there is a page. */
export async function buildPageWhenStale(say: (line: string) => void): Promise<boolean> {
  return isFresh(REPOSITORY) || (await buildPage(say));
}

/** True if no source of the page has changed since the build. */
export function isFresh(root: string): boolean {
  const built = statSync(join(root, BUILT), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const newest = Math.max(
    ...globSync(SOURCES, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs),
  );
  return newest <= built.mtimeMs;
}
