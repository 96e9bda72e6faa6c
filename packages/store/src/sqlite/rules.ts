import type { DatabaseSync } from "node:sqlite";
import type { RuleFault } from "../contract/maintenance.ts";
import { CLOCK_BEHIND_MS } from "../life.ts";
import { checkpointWithRetries } from "./checkpoint.ts";
import { SCHEMA_VERSION } from "./migrations.ts";
import { pragmaFaults } from "./pragmas.ts";

/** Checks the file, this connection and the clock. Cheap: reads no secret. */
export async function ruleFaults(
  db: DatabaseSync,
  truncate: () => boolean,
  clockBehindMs: number,
): Promise<readonly RuleFault[]> {
  const faults: RuleFault[] = pragmaFaults(db);
  if (!(await checkpointWithRetries(truncate)))
    faults.push("SQLite's write-ahead log could not be checkpointed and cut.");
  const version = db.prepare("PRAGMA user_version").get()?.user_version;
  if (version !== SCHEMA_VERSION) faults.push("The database's version is not this program's any more.");
  if (clockBehindMs > CLOCK_BEHIND_MS)
    faults.push("The clock is behind the store's time: until it has caught up, nothing expires.");
  return faults;
}
