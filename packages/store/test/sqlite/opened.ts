import { rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import type { SqliteOptions, Store } from "../../src/index.ts";
import { databasePath, openDatabase } from "../../src/sqlite/database.ts";
import { storeOver } from "../../src/sqlite/store.ts";
import { temporaryDirectory } from "./bench.ts";

export interface Opened {
  readonly store: Store;
  /** The store's own connection, to make it fail. */
  readonly db: DatabaseSync;
  readonly directory: string;
  readonly path: string;
  readonly clock: { now: number };
}

/** A folder that is gone after the running test. */
export function freshDirectory(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A store whose connection and clock are in the test's hands; closed after the running test. */
export async function opened(wish: Partial<SqliteOptions> = {}): Promise<Opened> {
  const directory = wish.directory ?? freshDirectory();
  const path = databasePath(directory);
  const clock = { now: 1_800_000_000_000 };
  const options = { directory, capacityBytes: 1e9, busyTimeoutMs: 2_000, clock: () => clock.now, ...wish };
  const db = await openDatabase(path, options.busyTimeoutMs, clock.now);
  const store = storeOver(db, path, options);
  onTestFinished(() => store.close());
  return { store, db, directory, path, clock };
}
