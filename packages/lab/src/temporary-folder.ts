import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";

export interface Folder {
  readonly path: string;
  remove(): void;
}

/** An empty folder for temporary files; removed when this process exits at the latest. */
export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `mayfly-${name}-`));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  const forget = atExit(() => {
    try {
      remove();
    } catch {
      // A process that is ending may still write there; the system clears its folder for temporary files.
    }
  });
  return {
    path,
    remove: () => {
      remove();
      forget();
    },
  };
}
