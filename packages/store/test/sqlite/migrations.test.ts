import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { StoreRefused } from "../../src/index.ts";
import { SCHEMA_VERSION } from "../../src/sqlite/migrations.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { liveSample } from "../conformance/sample.ts";
import { freshDirectory } from "./opened.ts";

function prepare() {
  const directory = freshDirectory();
  const path = join(directory, "mayfly.db");
  const open = () => openSqliteStore({ directory, capacityBytes: 1e9, busyTimeoutMs: 1_000 });
  const raw = (sql: string) => {
    const db = new DatabaseSync(path);
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  };
  return { directory, path, open, raw };
}

test("a new file gets the newest version, once", async () => {
  const { open, raw } = prepare();
  await (await open()).close();
  expect(raw("PRAGMA user_version")).toEqual([{ user_version: SCHEMA_VERSION }]);
  const store = await open();
  const secret = await liveSample(store);
  await store.close();
  const again = await open();
  expect(await again.status(secret.byLink)).toMatchObject({ state: "live" });
  await again.close();
});

test("a file of version 1, whose parts lay in the leaves of their tree, is brought to the newest with all it holds", async () => {
  const { open, raw } = prepare();
  const store = await open();
  const secret = await liveSample(store);
  await store.close();
  raw("CREATE TABLE old (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT");
  raw("INSERT INTO old SELECT part, bytes FROM parts");
  raw("DROP TABLE parts");
  raw("ALTER TABLE old RENAME TO parts");
  raw("PRAGMA user_version = 1");
  const again = await open();
  const answer = await again.open(secret.opening());
  await again.close();
  expect(answer).toMatchObject({ outcome: "opened", part: secret.parts[0] });
  expect(raw("PRAGMA user_version")).toEqual([{ user_version: SCHEMA_VERSION }]);
  expect(raw("SELECT name FROM pragma_table_info('parts')").map(({ name }) => name)).toContain("zeros");
});

test("a file of a newer version is refused and left as it is", async () => {
  const { open, raw } = prepare();
  await (await open()).close();
  raw(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  const refused = new StoreRefused(["The database was written by a newer version of this program."]);
  await expect(open()).rejects.toEqual(refused);
  expect(raw("PRAGMA user_version")).toEqual([{ user_version: SCHEMA_VERSION + 1 }]);
});

test("another program's database is refused and left as it is", async () => {
  const { open, raw, path } = prepare();
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE recipes (name TEXT)");
  other.close();
  await expect(open()).rejects.toEqual(new StoreRefused(["The database file belongs to another program."]));
  expect(raw("SELECT name FROM sqlite_schema")).toEqual([{ name: "recipes" }]);
});

test("a file that is no database is refused, without a word of the driver's", async () => {
  const { open, path } = prepare();
  writeFileSync(path, "This is no database, but a text that is long enough to be taken for one. ".repeat(20));
  const sentence = "The database file cannot be opened, or is not a database.";
  await expect(open()).rejects.toEqual(new StoreRefused([sentence]));
});

test("every table is strict, and no secret can be without an expiry", async () => {
  const { open, raw } = prepare();
  const store = await open();
  await liveSample(store);
  await store.close();
  const tables = raw(
    "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
  );
  expect(tables.length).toBeGreaterThanOrEqual(5);
  expect(tables.filter((table) => table.strict !== 1)).toEqual([]);
  for (const column of ["expires_at", "due_at"]) {
    expect(() => raw(`UPDATE secrets SET ${column} = NULL`)).toThrow("NOT NULL");
    expect(() => raw(`UPDATE secrets SET ${column} = 'never'`)).toThrow("cannot store TEXT");
    expect(() => raw(`UPDATE secrets SET ${column} = 0`)).toThrow("CHECK");
  }
});
