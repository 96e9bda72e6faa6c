import type { DatabaseSync } from "node:sqlite";
import type { RuleFault } from "../contract.ts";
import { checkpoint } from "./checkpoint.ts";
import { SCHEMA_VERSION } from "./migrations.ts";
import { pragmaFaults } from "./pragmas.ts";

/** Whether the file and this connection still are what they were opened as. Cheap: reads no secret. */
export function ruleFaults(db: DatabaseSync): readonly RuleFault[] {
  const faults: RuleFault[] = pragmaFaults(db);
  if (!checkpoint(db)) faults.push("SQLite's write-ahead log could not be checkpointed and cut.");
  const version = db.prepare("PRAGMA user_version").get()?.user_version;
  if (version !== SCHEMA_VERSION) faults.push("The database's version is not this program's any more.");
  return faults;
}
