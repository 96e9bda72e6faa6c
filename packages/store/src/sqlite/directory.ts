import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { StoreRefused } from "../errors.ts";

/**
 * Makes the data directory with mode 0700, or checks the one that is there: nobody else may write to it.
 * @throws StoreRefused
 */
export function prepareDirectory(directory: string): void {
  const faults: string[] = [];
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = statSync(directory);
    if (found.mode & 0o002) faults.push("The data directory is writable by everyone.");
    if (found.mode & 0o020) faults.push("The data directory is writable by its group.");
    if (found.uid !== process.geteuid?.()) faults.push("The data directory belongs to another user.");
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    faults.push("The data directory cannot be made, or cannot be written.");
  }
  if (faults.length > 0) throw new StoreRefused(faults);
}
