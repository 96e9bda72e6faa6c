import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Keeping } from "./keeping.ts";

/** Takes the record of the last sweep out of a SQLite store, so that the service halts at once, until the next one. */
export function forgetHeartbeat({ env }: Keeping): void {
  const db = new DatabaseSync(join(env.DATA_DIR ?? "", "mayfly.db"), { timeout: 20_000 });
  try {
    db.exec("DELETE FROM heartbeat");
  } finally {
    db.close();
  }
}
