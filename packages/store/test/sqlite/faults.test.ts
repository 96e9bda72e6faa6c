import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { liveSample, sample } from "../conformance/sample.ts";
import { opened } from "./opened.ts";

test("a store that cannot be written hands out no bytes, because it cannot record the claim", async () => {
  const { store, db } = await opened();
  const secret = await liveSample(store);
  db.exec("PRAGMA query_only = ON");
  const opening = secret.opening();
  await expect(store.open(opening)).rejects.toEqual(new StoreUnavailable("read_only"));
  await expect(store.reserve(sample().reservation)).rejects.toEqual(new StoreUnavailable("read_only"));
  await expect(store.burn(secret.byManage)).rejects.toEqual(new StoreUnavailable("read_only"));
  expect(await store.canWrite()).toBe(false);
  db.exec("PRAGMA query_only = OFF");
  expect(await store.status(secret.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
  expect(await store.open(opening)).toMatchObject({ outcome: "opened" });
});

test("a full disk refuses deposits as full, hands out no unrecorded read, and heals", async () => {
  const { store, db } = await opened();
  const secret = await liveSample(store, { reads: "unlimited" });
  const reserved = sample();
  const bytes = 200_000;
  await store.reserve({ ...reserved.reservation, bytes, partBytes: bytes });
  const pages = Number(db.prepare("PRAGMA page_count").get()?.page_count);
  db.exec(`PRAGMA max_page_count = ${pages}`);
  const deposit = { ...reserved.byManage, part: 0, bytes: new Uint8Array(bytes) };
  expect(await store.deposit(deposit)).toEqual({ outcome: "full" });
  let reservations = 0;
  while ((await store.reserve(sample().reservation)).outcome === "reserved") reservations += 1;
  expect(reservations).toBeLessThan(1_000);
  let refused: unknown;
  for (let i = 0; i < 1_000 && !refused; i++)
    refused = await store.open(secret.opening()).then(
      () => null,
      (error) => error,
    );
  expect(refused).toEqual(new StoreUnavailable("full"));
  expect(await store.canWrite()).toBe(true);
  db.exec("PRAGMA max_page_count = 1000000");
  // The room that was given up for the reads is made again.
  await store.endDue(1);
  expect(await store.deposit(deposit)).toMatchObject({ outcome: "live" });
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
});

test("a database file that was deleted is noticed at once", async () => {
  const { store, path } = await opened();
  const secret = await liveSample(store);
  rmSync(path);
  await expect(store.open(secret.opening())).rejects.toEqual(new StoreUnavailable("failed"));
  await expect(store.heartbeat()).rejects.toEqual(new StoreUnavailable("failed"));
  expect(await store.canWrite()).toBe(false);
});

test("another process's lock is waited for, then answered busy, and nothing has happened", async () => {
  const { store, path } = await opened({ busyTimeoutMs: 250 });
  const secret = await liveSample(store);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const opening = secret.opening();
  const started = performance.now();
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => store.open(opening)));
  // Once for all of them, not once for each.
  expect(performance.now() - started).toBeLessThan(20 * 250);
  for (const answer of answers)
    expect(answer).toEqual({ status: "rejected", reason: new StoreUnavailable("busy") });
  other.exec("ROLLBACK");
  other.close();
  expect(await store.open(opening)).toMatchObject({ outcome: "opened", readsLeft: 0 });
});

test("an error carries nothing of the driver's", async () => {
  const { store, db } = await opened();
  db.exec("PRAGMA query_only = ON");
  const error = await store.reserve(sample().reservation).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(StoreUnavailable);
  expect(Object.keys(error as object).sort()).toEqual(["name", "reason"]);
  expect((error as Error).cause).toBeUndefined();
});
