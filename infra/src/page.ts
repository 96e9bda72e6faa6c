/** The page, built by its own package's script. */
import { succeeds } from "./command.ts";
import { REPOSITORY, readWorkspace } from "./workspace.ts";

const FOLDER = "apps/web";

/** Builds apps/web/dist; what the build says is shown only when it fails. */
export function buildPage(say: (line: string) => void): Promise<boolean> {
  const script = readWorkspace(REPOSITORY).find(({ folder }) => folder === FOLDER)?.manifest.scripts?.build;
  return succeeds("sh", ["-c", script ?? "false"], say, { folder: FOLDER });
}
