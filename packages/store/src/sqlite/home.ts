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

/** Where `statx` is refused, Node gives the time of the last change instead: then it moves with a change. */
function tellsBirth(path: string, before: BigIntStats): boolean {
  for (;;) {
    chmodSync(path, Number(before.mode & 0o777n));
    const now = statSync(path, { bigint: true });
    if (now.birthtimeNs !== before.birthtimeNs) return false;
    // The clock of a file system moves in steps of some milliseconds.
    if (now.ctimeNs !== before.ctimeNs) return true;
  }
}
