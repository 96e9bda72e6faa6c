import { expect, test } from "vitest";
import { HOUR, live, liveSample, sample } from "../conformance/sample.ts";
import { type Opened, opened } from "./opened.ts";

const held = ({ db }: Opened): number => Number(db.prepare("SELECT held FROM store").get()?.held);

test("reservations and envelopes are counted once, and given back at every end", async () => {
  const found = await opened({ capacityBytes: 900 * 6 });
  const { store, clock } = found;
  const abandoned = sample();
  await store.reserve(abandoned.reservation);
  await store.reserve(abandoned.reservation);
  expect(held(found)).toBe(900);
  const read = await liveSample(store);
  const burned = await liveSample(store);
  const locked = await liveSample(store, { passphrase: true });
  const expired = await liveSample(store, { lifetimeMs: HOUR });
  const kept = await liveSample(store, { lifetimeMs: 3 * HOUR });
  expect(held(found)).toBe(900 * 6);
  expect(await store.reserve(sample().reservation)).toEqual({ outcome: "full" });
  expect(await store.reserve(abandoned.reservation)).toMatchObject({ outcome: "reserved" });

  const opening = read.opening();
  await store.open(opening);
  await store.acknowledge({ id: read.id, claim: opening.claim });
  expect(held(found)).toBe(900 * 5);
  await store.burn(burned.byManage);
  expect(held(found)).toBe(900 * 4);
  for (let i = 0; i < 10; i++) await store.open(locked.guess());
  expect(held(found)).toBe(900 * 3);
  clock.now += HOUR;
  await store.endDue(100);
  expect(held(found)).toBe(900);
  expect(await store.status(expired.byLink)).toMatchObject({ state: "expired" });
  expect(await store.status(kept.byLink)).toMatchObject({ state: "live" });
  await live(store, sample());
  expect(held(found)).toBe(900 * 2);
});

test("a reservation of an id whose reservation is past its time takes over its place in the count", async () => {
  const found = await opened();
  const { reservation } = sample({ parts: 2 });
  await found.store.reserve(reservation);
  found.clock.now += HOUR;
  expect(await found.store.reserve(reservation)).toMatchObject({ outcome: "reserved" });
  expect(held(found)).toBe(reservation.bytes);
});

test("a sweep corrects a counter that has gone wrong, in either direction", async () => {
  const found = await opened();
  for (let i = 0; i < 7; i++) await liveSample(found.store);
  await found.store.burn((await liveSample(found.store)).byManage);
  for (const wrong of [0, 123_456]) {
    found.db.prepare("UPDATE store SET held = ?").run(wrong);
    await found.store.sweep({ batch: 3 });
    expect(held(found)).toBe(900 * 7);
  }
});
