import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { databasePath, openDatabase } from "../../src/sqlite/database.ts";
import { ageIn, FileAge } from "../../src/sqlite/file-age.ts";
import { PAGE_BYTES } from "../../src/sqlite/pragmas.ts";
import { freshDirectory } from "./opened.ts";

/** A file whose age is in the test's hands, and its page of the table `store`. */
async function openFile() {
  const path = databasePath(freshDirectory());
  const db = await openDatabase(path, 2_000, 1_800_000_000_000);
  const fileAge = new FileAge(db, path);
  const descriptor = openSync(path, "r+");
  onTestFinished(() => {
    db.close();
    fileAge.close();
    closeSync(descriptor);
  });
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'store'").get()?.rootpage;
  const offset = (Number(root) - 1) * PAGE_BYTES;
  return {
    fileAge,
    /** The page as a checkpoint leaves it; the log is empty. */
    pageAt(age: number): Buffer {
      db.prepare("UPDATE store SET age = ?").run(age);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return readFileSync(path).subarray(offset, offset + PAGE_BYTES);
    },
    write: (page: Buffer) => writeSync(descriptor, page, 0, PAGE_BYTES, offset),
  };
}

/** What a read finds that meets a write half done: the new page up to some byte, the old one after it. */
function torn(older: Buffer, newer: Buffer): Buffer[] {
  const pages: Buffer[] = [];
  for (let cut = 1; cut < PAGE_BYTES; cut++) {
    if (older[cut] === newer[cut]) continue;
    pages.push(Buffer.concat([newer.subarray(0, cut), older.subarray(cut)]));
  }
  return pages;
}

test("a mixture of an older and a newer page has the age of one of them, or none", async () => {
  const { pageAt } = await openFile();
  const widths = [1, 2, 7, 0x7f, 0x80, 0xff, 0x100, 0x7f7f, 0x7fff, 0x8000, 0xffff, 0x7f_ffff, 0x80_0000];
  const ages = [0, ...widths, 0x7fff_ffff, 0x8000_0000, 2 ** 47 - 1, 2 ** 47, 2 ** 53 - 1];
  const pages = ages.map((age) => ({ age, page: pageAt(age) }));
  for (const older of pages) {
    expect(ageIn(older.page)).toBe(older.age);
    for (const newer of pages.filter(({ age }) => age > older.age)) {
      const own = new Set([null, older.age, newer.age]);
      const others = torn(older.page, newer.page)
        .map(ageIn)
        .filter((age) => !own.has(age));
      expect(others, `${older.age} and ${newer.age}`).toEqual([]);
    }
  }
});

test("a file whose page was read while it was written is not one that was put back", async () => {
  const { fileAge, pageAt, write } = await openFile();
  const [before, after] = [pageAt(0x00ff), pageAt(0x0100)];
  write(before);
  expect(fileAge.hasFallen(0x00ff)).toBe(false);
  // One of them has 0x01 of the new age and 0xff of the old.
  for (const page of torn(before, after)) {
    write(page);
    expect(fileAge.hasFallen(0x00ff)).not.toBe(true);
  }
  write(after);
  expect(fileAge.hasFallen(0x0100)).toBe(false);
  write(before);
  expect(fileAge.hasFallen(0x0100)).toBe(true);
});
