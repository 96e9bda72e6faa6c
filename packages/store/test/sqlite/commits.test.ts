import { expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { Commits, type Transaction } from "../../src/sqlite/commits.ts";
import { databasePath, openDatabase } from "../../src/sqlite/database.ts";
import { History } from "../../src/sqlite/history.ts";
import { prepareStatements } from "../../src/sqlite/statements.ts";
import { hash } from "../conformance/sample.ts";
import { freshDirectory } from "./opened.ts";

async function prepare() {
  const path = databasePath(freshDirectory());
  const db = await openDatabase(path, 1_000, 1_000);
  const clock = { now: 5_000 };
  const commits = new Commits(db, prepareStatements(db), () => clock.now, path, History.begin(db, path));
  const failures = () => Number(db.prepare("SELECT failed_sweeps AS n FROM store").get()?.n);
  const write = (transaction: Transaction) => {
    transaction.sql.addFailedSweep.run("worker", "failed");
    transaction.changed = true;
    return "written";
  };
  return { db, clock, commits, failures, write };
}

test("steps of one tick share one commit", async () => {
  const { commits, failures, write } = await prepare();
  await Promise.all(Array.from({ length: 50 }, () => commits.run(write)));
  expect(failures()).toBe(50);
  expect(commits.count).toBe(1);
});

test("a step that throws fails alone, and what it wrote is undone", async () => {
  const { commits, failures, write } = await prepare();
  const poisoned = (transaction: Transaction) => {
    write(transaction);
    throw new TypeError("a secret value");
  };
  const steps = [write, poisoned, write];
  const answers = await Promise.allSettled(steps.map((step) => commits.run(step)));
  expect(answers).toEqual([
    { status: "fulfilled", value: "written" },
    { status: "rejected", reason: new StoreUnavailable("failed") },
    { status: "fulfilled", value: "written" },
  ]);
  expect(failures()).toBe(2);
});

test("a commit that fails answers nobody, and fails its culprit only", async () => {
  const { db, commits, failures, write } = await prepare();
  // A deferred foreign key lets the step pass and refuses the commit.
  const orphan = (transaction: Transaction) => {
    db.exec("PRAGMA defer_foreign_keys = ON");
    transaction.sql.bind.run(4_711, hash(), 1, 1);
    return "bound";
  };
  const answers = await Promise.allSettled([write, orphan, write].map((step) => commits.run(step)));
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(failures()).toBe(2);
});

test("time never falls, within a process or over a restart", async () => {
  const path = databasePath(freshDirectory());
  const start = async (now: number) => {
    const db = await openDatabase(path, 1_000, now);
    const clock = { now };
    const commits = new Commits(db, prepareStatements(db), () => clock.now, path, History.begin(db, path));
    return {
      db,
      clock,
      read: () => commits.run((transaction) => transaction.now),
      keep: () => commits.run((transaction) => (transaction.changed = true)),
    };
  };
  const first = await start(5_000);
  expect(await first.read()).toBe(5_000);
  first.clock.now = 9_000;
  await first.keep();
  first.clock.now = 1_000;
  expect(await first.read()).toBe(9_000);
  first.db.close();
  const second = await start(1_000);
  expect(await second.read()).toBe(9_000);
  second.db.close();
});

test("what waits when it closes is still done; what comes later is refused", async () => {
  const { commits, failures, write } = await prepare();
  const waiting = Promise.all(Array.from({ length: 200 }, () => commits.run(write)));
  commits.close();
  await waiting;
  expect(failures()).toBe(200);
  await expect(commits.run(write)).rejects.toEqual(new StoreUnavailable("closed"));
});
