/** What the tests leave on the machine: nothing. Processes and folders end with their owner, and at the latest with this process. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const removals = new Set<() => void>();

/** Runs at the end of this process at the latest; must be synchronous and must not throw. The answer takes it back. */
export function atExit(removal: () => void): () => void {
  removals.add(removal);
  return () => removals.delete(removal);
}

process.on("exit", () => {
  for (const removal of removals) removal();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

export interface Folder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `mayfly-e2e-${name}-`));
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

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
