/** The page, built by its own package's script. */
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { succeeds } from "./command.ts";
import { REPOSITORY, readWorkspace } from "./workspace.ts";

const FOLDER = "apps/web";
const BUILT = "apps/web/dist/index.html";
/** Everything the page is made from. Folders too: a removed file changes only its folder's time. */
const SOURCES = [
  "apps/web/{build,public,src}/**",
  "apps/web/*.{html,json,ts}",
  "packages/{client,crypto,wire}/{package.json,src/**}",
  "pnpm-lock.yaml",
];

/** Builds apps/web/dist; what the build says is shown only when it fails. */
export function buildPage(say: (line: string) => void): Promise<boolean> {
  const script = readWorkspace(REPOSITORY).find(({ folder }) => folder === FOLDER)?.manifest.scripts?.build;
  return succeeds("sh", ["-c", script ?? "false"], say, { folder: FOLDER });
}

/** Builds only when a source is newer than what was built. True when there is a page. */
export async function buildPageWhenStale(say: (line: string) => void): Promise<boolean> {
  return isFresh(REPOSITORY) || (await buildPage(say));
}

/** True when nothing the page is made from changed since it was built. */
export function isFresh(root: string): boolean {
  const built = statSync(join(root, BUILT), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const newest = Math.max(
    ...globSync(SOURCES, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs),
  );
  return newest <= built.mtimeMs;
}
