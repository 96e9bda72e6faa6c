import { type BigIntStats, chmodSync, statSync } from "node:fs";

/** The file that a store was made in: its inode, and when it was made where the file system tells. */
export function homeOf(path: string): string {
  const found = statSync(path, { bigint: true });
  return tellsBirth(path, found) ? `${found.ino} ${found.birthtimeNs}` : `${found.ino}`;
}

/** Whether the file is the one that `home` names. */
export function isAt(path: string, home: string): boolean {
  const [inode, birth] = home.split(" ");
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return inode === `${ino}` && (birth === undefined || birth === `${birthtimeNs}`);
}

/** A file system's clock moves in steps of at most 10 ms, or of 2 s, which is too long to wait for. */
const CLOCK_STEP_MS = 50;

/**
 * Where `statx` is refused, Node gives the time of the last change instead: then it moves with a change. False also where no change moves
 * that time: then nothing tells the two apart, and the inode alone counts.
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
