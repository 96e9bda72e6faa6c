import { type BigIntStats, chmodSync, statSync } from "node:fs";

/**
 * Identifies the file that the store was created in: its inode, and its creation time if the file system
 * reports one.
 */
export function homeOf(path: string): string {
  const found = statSync(path, { bigint: true });
  return tellsBirth(path, found) ? `${found.ino} ${found.birthtimeNs}` : `${found.ino}`;
}

/** True if the file is the one that `home` identifies. */
export function isAt(path: string, home: string): boolean {
  const [inode, birth] = home.split(" ");
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return inode === `${ino}` && (birth === undefined || birth === `${birthtimeNs}`);
}

/** A file system's clock advances in steps of at most 10 ms, or of 2 s, which is too long to wait for. */
const CLOCK_STEP_MS = 50;

/**
 * True if the creation time is real. Where `statx` is refused, Node returns the time of the last change
 * instead, which moves with a change. False also if no change moves that time: then only the inode counts.
 */
function tellsBirth(path: string, before: BigIntStats): boolean {
  const deadline = performance.now() + CLOCK_STEP_MS;
  do {
    chmodSync(path, Number(before.mode & 0o777n));
    const now = statSync(path, { bigint: true });
    if (now.birthtimeNs !== before.birthtimeNs) return false;
    if (now.ctimeNs !== before.ctimeNs) return true;
  } while (performance.now() < deadline);
  return false;
}
