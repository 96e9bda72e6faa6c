import { accessSync, chmodSync, constants, mkdirSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { StoreRefused } from "../errors.ts";
import { viewFileSystem } from "./file-system.ts";

/**
 * Creates the data directory with mode 0700, or checks it: no other user may write to it, and it must not be
 * on a network file system. Returns warnings for the operator.
 * @throws StoreRefused
 */
export function prepareDirectory(directory: string): readonly string[] {
  const faults: string[] = [];
  const warnings: string[] = [];
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = statSync(directory);
    if (found.mode & 0o002) faults.push("The data directory is writable by everyone.");
    if (found.mode & 0o020) faults.push("The data directory is writable by its group.");
    if (found.uid !== process.geteuid?.()) faults.push("The data directory belongs to another user.");
    if (found.mode & 0o055)
      warnings.push("The data directory is open to its group or to everyone: its mode should be 0700.");
    const { fault, warning } = viewFileSystem(statfsSync(directory).type);
    if (fault !== undefined) faults.push(fault);
    if (warning !== undefined) warnings.push(warning);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    faults.push("The data directory cannot be made, or cannot be written.");
  }
  if (faults.length > 0) throw new StoreRefused(faults);
  return warnings;
}

/**
 * Creates the database file if it is missing, and gives it and SQLite's files beside it mode 0600, whatever
 * the umask. Uses names, not descriptors: closing a descriptor of a database would release this process's
 * locks.
 * @throws StoreRefused
 */
export function makePrivate(path: string): void {
  try {
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notPrivate();
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined || (found.mode & 0o777) === 0o600) continue;
    try {
      chmodSync(file, 0o600);
    } catch {
      throw notPrivate();
    }
  }
}

function notPrivate(): StoreRefused {
  return new StoreRefused(["The database file cannot be made, or cannot be kept to its owner (mode 0600)."]);
}
