import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { hash, liveSample, sample } from "../conformance/sample.ts";
import { type Opened, opened } from "./opened.ts";

const PART = 3 * 1024 * 1024;

/** A secret of 9 MiB in three parts: more than one transaction destroys. */
async function large({ store }: Opened) {
  const secret = sample();
  await store.reserve({ ...secret.reservation, bytes: 3 * PART, partBytes: PART });
  for (const part of [0, 1, 2]) await store.deposit({ ...secret.byManage, part, bytes: randomBytes(PART) });
  return secret;
}

const parts = ({ db }: Opened) => db.prepare("SELECT count(*) AS n FROM parts").get()?.n;

test("a large secret is wholly destroyed when its end is answered, and others get their turn meanwhile", async () => {
  const found = await opened();
  const secret = await large(found);
  const other = await liveSample(found.store);
  const opening = secret.opening();
  await found.store.open(opening);
  const ended: string[] = [];
  const acknowledged = found.store.acknowledge({ id: secret.id, claim: opening.claim }).then(() => {
    ended.push("acknowledge");
    expect(parts(found)).toBe(1);
  });
  await found.store.status(other.byLink);
  await found.store.status(secret.byLink).then((answer) => {
    ended.push("status");
    expect(answer).toMatchObject({ state: "opened" });
  });
  await acknowledged;
  expect(ended).toEqual(["status", "acknowledge"]);
});

test("each way to end destroys all of a large secret", async () => {
  const found = await opened();
  const { store, clock } = found;
  await store.burn((await large(found)).byManage);
  expect(parts(found)).toBe(0);
  await large(found);
  clock.now += 86_400_000;
  expect(await store.endDue(10)).toBe(1);
  expect(parts(found)).toBe(0);
  await large(found);
  clock.now += 86_400_000;
  expect(await store.sweep({ batch: 10 })).toMatchObject({ expired: 1, orphans: 0 });
  expect(parts(found)).toBe(0);
});

test("a destruction that failed half-way is taken up when the step is sent again", async () => {
  const found = await opened();
  const { store, db, clock } = found;
  const secret = await large(found);
  const burning = store.burn(secret.byManage);
  await store.ping();
  db.exec("PRAGMA query_only = ON");
  await expect(burning).rejects.toEqual(new StoreUnavailable("read_only"));
  db.exec("PRAGMA query_only = OFF");
  expect(parts(found)).toBeGreaterThan(0);
  expect(await store.open(secret.opening(hash()))).toMatchObject({ outcome: "gone", state: "burned" });
  expect(await store.overdue(clock.now, { batch: 10 })).toBeGreaterThan(0);
  expect(await store.burn(secret.byManage)).toEqual({ outcome: "burned" });
  expect(parts(found)).toBe(0);
});

test("a destruction that a crash cut short is overdue until the sweep has finished it", async () => {
  const found = await opened();
  const { store, db, clock } = found;
  const secret = await large(found);
  const burning = store.burn(secret.byManage);
  await store.ping();
  db.exec("PRAGMA query_only = ON");
  await burning.catch(() => undefined);
  db.exec("PRAGMA query_only = OFF");
  expect(await store.overdue(clock.now - 1, { batch: 10 })).toBe(0);
  const left = Number(parts(found));
  expect(await store.overdue(clock.now, { batch: 10 })).toBe(left);
  expect(await store.sweep({ batch: 10 })).toMatchObject({ orphans: left });
  expect(parts(found)).toBe(0);
});
