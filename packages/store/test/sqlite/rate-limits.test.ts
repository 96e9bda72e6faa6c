import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { RateLimitFile } from "../../src/sqlite/rate-limits.ts";

const MINUTE = 60_000;

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let clock: number;
const open: RateLimitFile[] = [];
const file = () => {
  const opened = new RateLimitFile(path, () => clock);
  open.push(opened);
  return opened;
};
beforeEach(() => {
  folder = temporaryFolder("rate-limits");
  path = join(folder.path, "rate-limits.db");
  clock = Date.parse("2027-01-01T12:00:00Z");
});
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  folder.remove();
});

const one = (amount: number, bucket = "a") => [{ bucket, windowMs: MINUTE, amount }];

/** The buckets that are in the file, read past the code under test. */
function kept(): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db
      .prepare("SELECT bucket FROM totals ORDER BY bucket")
      .all()
      .map(({ bucket }) => bucket);
  } finally {
    db.close();
  }
}

test("is shared by all who open it, for its owner alone, and made at the first use", () => {
  const [first, second] = [file(), file()];
  expect(existsSync(path)).toBe(false);
  expect(first.take(one(2))).toEqual([{ total: 2, resetMs: MINUTE }]);
  expect(second.take(one(3))).toEqual([{ total: 5, resetMs: MINUTE }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("forgets what has ended at the next batch, and for a sweep", () => {
  const limits = file();
  limits.take(one(1));
  clock += MINUTE;
  limits.take(one(1, "b"));
  expect(kept()).toEqual(["b"]);
  clock += MINUTE;
  limits.forgetEnded();
  expect(kept()).toEqual([]);
});

test("makes no file for a sweep", () => {
  file().forgetEnded();
  expect(existsSync(path)).toBe(false);
});

test("keeps no window closed after the clock was set back", () => {
  const limits = file();
  limits.take(one(5));
  clock -= 60 * MINUTE;
  expect(limits.take(one(0))).toEqual([{ total: 0, resetMs: MINUTE }]);
  expect(limits.take(one(1))).toEqual([{ total: 1, resetMs: MINUTE }]);
});

test("begins anew when the file is broken", () => {
  writeFileSync(path, "no database, but long enough to be taken for one".repeat(100));
  const limits = file();
  expect(() => limits.take(one(1))).toThrow(StoreUnavailable);
  expect(limits.take(one(1))).toEqual([{ total: 1, resetMs: MINUTE }]);
});

test("adds nothing while another process holds the file, and recovers by itself", () => {
  const limits = file();
  limits.take(one(1));
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  expect(() => limits.take(one(1))).toThrow(new StoreUnavailable("busy"));
  other.exec("ROLLBACK");
  other.close();
  expect(limits.take(one(1))).toEqual([{ total: 2, resetMs: MINUTE }]);
});
