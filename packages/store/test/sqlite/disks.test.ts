import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { databasePath, openDatabase } from "../../src/sqlite/database.ts";
import { openSqliteStore, storeOver } from "../../src/sqlite/store.ts";
import { liveSample, type Sample, sample } from "../conformance/sample.ts";
import { countOverdue, recordSweep } from "../sweeps.ts";
import { filesWith } from "./files.ts";
import { lacks } from "./machine.ts";
import { type SmallDisk, smallDisk } from "./small-disk.ts";

const lacking = lacks("mount");
const onDisk = lacking === null ? test : test.skip;
const because = lacking === null ? "" : ` (left out: ${lacking})`;

async function prepare() {
  const disk = smallDisk();
  onTestFinished(() => disk.remove());
  const options = { directory: disk.directory, capacityBytes: 1e9, busyTimeoutMs: 500 };
  const store = await openSqliteStore(options);
  onTestFinished(() => store.close());
  const secret = await liveSample(store);
  return { disk, options, store, secret };
}

const LARGE = 2 ** 20;

function large(): Sample {
  const made = sample();
  return { ...made, reservation: { ...made.reservation, bytes: LARGE, partBytes: LARGE } };
}

async function largeSample(store: Store): Promise<Sample> {
  const secret = large();
  await store.reserve(secret.reservation);
  const given = { ...secret.byManage, part: 0, bytes: new Uint8Array(LARGE) };
  expect(await store.deposit(given)).toMatchObject({ outcome: "live" });
  return secret;
}

/** Nothing is handed out, nothing is promised, and whoever asks whether all is well hears that it is not. */
async function expectRefusing(store: Store, secret: Sample, opening = secret.opening()): Promise<void> {
  const unavailable = expect.any(StoreUnavailable);
  expect(await store.canWrite()).toBe(false);
  for (let tries = 0; tries < 3; tries++) await expect(store.open(opening)).rejects.toEqual(unavailable);
  await expect(store.burn(secret.byManage)).rejects.toEqual(unavailable);
  await expect(store.now()).rejects.toEqual(unavailable);
  await expect(store.sweep({ batch: 8 })).rejects.toEqual(unavailable);
  await expect(store.ruleFaults()).rejects.toEqual(unavailable);
  const reserved = await store.reserve(sample().reservation).catch((error: unknown) => error);
  expect([{ outcome: "full" }, unavailable]).toContainEqual(reserved);
}

/** No read was recorded while there was none: the first claim that comes now gets the bytes. */
async function expectUnread(store: Store, secret: Sample): Promise<void> {
  expect(await store.canWrite()).toBe(true);
  expect(await store.status(secret.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened", part: secret.parts[0] });
  expect(await store.ruleFaults()).toEqual([]);
}

onDisk(
  `a full disk takes nothing new, and lets everybody read, acknowledge, burn and sweep${because}`,
  async () => {
    const { disk, store, secret } = await prepare();
    const [burned, expired] = [await largeSample(store), await liveSample(store, { lifetimeMs: 1 })];
    const reserved = sample();
    await store.reserve(reserved.reservation);
    disk.fill();
    expect(await store.burn(burned.byManage)).toEqual({ outcome: "burned" });
    expect(await store.deposit(reserved.deposit(0))).toEqual({ outcome: "full" });
    expect(await store.reserve(sample().reservation)).toEqual({ outcome: "full" });

    const opening = secret.opening();
    expect(await store.open(opening)).toMatchObject({ outcome: "opened", part: secret.parts[0] });
    expect(await store.acknowledge({ id: secret.id, claim: opening.claim })).toEqual({
      outcome: "acknowledged",
    });
    const startedAt = await store.now();
    const removed = await store.sweep({ batch: 8 });
    expect(await countOverdue(store, startedAt, { batch: 8 })).toBe(0);
    expect(await store.ruleFaults()).toEqual([]);
    expect(await recordSweep(store, { startedAt, removed, worker: "w", run: "r" })).toMatchObject({
      sequence: 1,
    });
    expect(await store.status(expired.byLink)).toMatchObject({ state: "expired" });
    expect(filesWith(disk.directory, [Buffer.from(secret.parts[0] ?? [])])).toEqual([]);

    disk.free();
    await store.endDue(10);
    expect(await store.deposit(reserved.deposit(0))).toMatchObject({ outcome: "live" });
    await expectUnread(store, await liveSample(store));
  },
  60_000,
);

onDisk(
  `a deposit on a full disk is full, and leaves the room that is kept to those who end something${because}`,
  async () => {
    const { disk, store } = await prepare();
    const secret = large();
    await store.reserve(secret.reservation);
    disk.fill();
    const given = { ...secret.byManage, part: 0, bytes: new Uint8Array(LARGE) };
    expect(await store.deposit(given)).toEqual({ outcome: "full" });
    expect(statSync(join(disk.directory, "mayfly.reserve")).size).toBe(8 * LARGE);
  },
  60_000,
);

onDisk(
  `a sweep on a full disk cuts a log whose pages the database file has no room for yet${because}`,
  async () => {
    const { disk, store } = await prepare();
    const secret = await largeSample(store);
    disk.fill();
    await store.sweep({ batch: 8 });
    expect(statSync(`${databasePath(disk.directory)}-wal`).size).toBe(0);
    expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
  },
  60_000,
);

onDisk(
  `a full disk whose room was given up and taken by others gives no bytes and no promises${because}`,
  async () => {
    const { disk, store, secret } = await prepare();
    rmSync(join(disk.directory, "mayfly.reserve"));
    disk.fill();
    await expectRefusing(store, secret);
    await expect(store.open(secret.opening())).rejects.toEqual(new StoreUnavailable("full"));
    disk.free();
    await store.endDue(10);
    await expectUnread(store, secret);
  },
  60_000,
);

onDisk(
  `the capacity is no more than the disk has room for, which the start says${because}`,
  async () => {
    const { store } = await prepare();
    expect(store.warnings.join(" ")).toMatch(
      /^The capacity is 1000000000 bytes, but the disk has room for 1?\d{7}:/,
    );
    let kept = 0;
    while ((await store.reserve(large().reservation)).outcome === "reserved") {
      await largeSample(store);
      kept += 1;
    }
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(16);
    const opening = (await liveSample(store)).opening();
    expect(await store.open(opening)).toMatchObject({ outcome: "opened" });
  },
  60_000,
);

onDisk(
  `a read that was recorded before the disk was full can be repeated by its reader only${because}`,
  async () => {
    const { disk, store, secret } = await prepare();
    const opening = secret.opening();
    await store.open(opening);
    disk.fill();
    expect(await store.open(opening)).toMatchObject({ outcome: "opened", part: secret.parts[0] });
    expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
  },
  60_000,
);

const broken: readonly (readonly [string, (disk: SmallDisk) => void])[] = [
  ["a disk that became read-only", (disk) => disk.makeReadOnly()],
  ["a disk that answers with errors", (disk) => disk.cutPower()],
];

for (const [name, fault] of broken) {
  onDisk(
    `${name} gives no bytes, and has the secret unread when it is mounted anew${because}`,
    async () => {
      const { disk, options, store, secret } = await prepare();
      fault(disk);
      await expectRefusing(store, secret);
      await store.close();
      disk.remount();
      const again = await openSqliteStore(options);
      onTestFinished(() => again.close());
      await expectUnread(again, secret);
      await again.close();
    },
    60_000,
  );
}

const vanished: readonly (readonly [string, (disk: SmallDisk) => void])[] = [
  ["a volume that was taken away", (disk) => disk.vanish()],
  ["a folder that was deleted", (disk) => rmSync(disk.directory, { recursive: true })],
];

for (const [name, fault] of vanished) {
  onDisk(
    `${name} gives no bytes${because}`,
    async () => {
      const { disk, store, secret } = await prepare();
      fault(disk);
      await expectRefusing(store, secret);
    },
    60_000,
  );
}

/** Reads and burns while the power still is there, and says what of it is there after it was cut. */
async function afterPowerCut(synchronous: "FULL" | "NORMAL"): Promise<string[]> {
  const { disk, options, store: first } = await prepare();
  await first.close();
  const path = databasePath(options.directory);
  const db = await openDatabase(path, options.busyTimeoutMs, Date.now());
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  const store = storeOver(db, path, options);
  const [read, burned, untouched] = [
    await liveSample(store),
    await liveSample(store),
    await liveSample(store),
  ];
  await store.open(read.opening());
  await store.burn(burned.byManage);
  disk.cutPower();
  await store.close();
  disk.remount();
  const again = await openSqliteStore(options);
  const states: string[] = [];
  for (const { byManage } of [read, burned, untouched]) {
    const status = await again.status(byManage);
    states.push(status.outcome === "status" ? status.state : status.outcome);
  }
  await again.close();
  return states;
}

onDisk(
  `a read and a burn that were answered outlive the power${because}`,
  async () => {
    expect(await afterPowerCut("FULL")).toEqual(["claimed", "burned", "live"]);
  },
  60_000,
);

onDisk(
  `with synchronous=NORMAL they do not, so that the test above can fail${because}`,
  async () => {
    expect(await afterPowerCut("NORMAL")).not.toEqual(["claimed", "burned", "live"]);
  },
  60_000,
);
