import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { connect } from "../../src/sqlite/database.ts";
import { pragmaFaults } from "../../src/sqlite/pragmas.ts";
import { opened } from "./opened.ts";

test("each connection is durable, deletes securely and trusts no schema", async () => {
  const { db, path } = await opened();
  const second = connect(path, 100);
  const reader = connect(path, 100, { readOnly: true });
  for (const connection of [db, second, reader]) {
    const read = (name: string) => connection.prepare(`PRAGMA ${name}`).get()?.[name];
    expect(read("journal_mode")).toBe("wal");
    expect(read("synchronous")).toBe(2);
    expect(read("secure_delete")).toBe(1);
    expect(read("foreign_keys")).toBe(1);
    expect(read("temp_store")).toBe(2);
    expect(read("trusted_schema")).toBe(0);
    expect(read("auto_vacuum")).toBe(0);
  }
  second.close();
  reader.close();
});

test("a connection as SQLite gives it is found at fault", async () => {
  const { path } = await opened();
  const plain = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  const faults = pragmaFaults(plain).join(" ");
  plain.close();
  for (const name of ["secure_delete", "foreign_keys", "temp_store", "trusted_schema"])
    expect(faults).toContain(name);
});

test("a rule that was broken after the start is told by the next look", async () => {
  const { store, db } = await opened();
  expect(await store.ruleFaults()).toEqual([]);
  db.exec("PRAGMA secure_delete = FAST");
  db.exec("PRAGMA synchronous = NORMAL");
  expect(await store.ruleFaults()).toEqual([
    "SQLite's synchronous is not FULL.",
    "SQLite's secure_delete is not ON.",
  ]);
});

test("a log that cannot be cut, because somebody reads, is a fault and fails the sweep", async () => {
  const { store, path } = await opened({ busyTimeoutMs: 10 });
  const reader = new DatabaseSync(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM secrets").get();
  await store.now();
  expect(await store.ruleFaults()).toEqual(["SQLite's write-ahead log could not be checkpointed and cut."]);
  await expect(store.sweep({ batch: 10 })).rejects.toThrow("busy");
  reader.close();
  expect(await store.ruleFaults()).toEqual([]);
  await store.sweep({ batch: 10 });
}, 30_000);
