/** SQLite on a small disk, over a clock that can be stepped. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { until } from "@mayfly/lab/until";
import type { Random } from "../random.ts";
import type { FaultMaker, Unavailable } from "./fault.ts";
import { startSmallDisk } from "./small-disk.ts";
import { SteppedClock, steppedClock } from "./stepped-clock.ts";
import type { StoreLab } from "./store-lab.ts";

const DISK_MEGABYTES = 128;
const CAPACITY_BYTES = 64 * 2 ** 20;

export interface SqliteLab extends StoreLab {
  readonly clock: SteppedClock;
}

export async function startSqliteLab(onStep: (from: number, offsetMs: number) => void): Promise<SqliteLab> {
  const ground = temporaryFolder("chaos");
  const clock = new SteppedClock(join(ground.path, "clock"));
  const disk = startSmallDisk(DISK_MEGABYTES);
  const directory = join("path" in disk ? disk.path : ground.path, "data");
  mkdirSync(directory, { mode: 0o700 });
  const path = join(directory, "mayfly.db");
  const unavailable: Unavailable[] =
    "reason" in disk ? ["disk-full", "disk-read-only"].map((kind) => ({ kind, reason: disk.reason })) : [];
  if (unavailable.length > 0 && process.env.CI === "true")
    throw new Error("CI must be able to mount a small disk");

  const step = (kind: string, weight: number, byMs: (random: Random) => number): FaultMaker => ({
    kind,
    weight,
    mostMs: 1,
    begin: async (random) => {
      const from = performance.now();
      clock.step(byMs(random));
      onStep(from, clock.offsetMs);
      return () => undefined;
    },
  });

  return {
    clock,
    environment: () => ({ DATA_DIR: directory, MAYFLY_STORE_MAX_BYTES: String(CAPACITY_BYTES) }),
    options: {
      kind: "sqlite",
      directory,
      capacityBytes: CAPACITY_BYTES,
      busyTimeoutMs: 5_000,
      clock: steppedClock(clock.file),
    },
    unavailable,
    faults: ({ killAll }) => [
      { kind: "lock-held", weight: 3, mostMs: 1_500, begin: () => holdLock(path) },
      step("clock-forward", 2, (random) => random.between(40_000, 200_000)),
      step("clock-back", 1, (random) => -random.between(1_000, 3_000)),
      ...("reason" in disk
        ? []
        : [
            {
              kind: "disk-full",
              weight: 2,
              mostMs: 1_500,
              begin: async () => {
                disk.fill();
                return disk.free;
              },
            },
            {
              kind: "disk-read-only",
              weight: 1,
              mostMs: 1_500,
              restMs: 3_000,
              // Programs that have the file open for writing keep the disk from becoming read-only: they meet it as they start.
              begin: async () => {
                const come = killAll();
                await until("the disk to be read-only", () => {
                  disk.setReadOnly(true);
                  return true;
                }).catch(() => undefined);
                await come;
                return () => disk.setReadOnly(false);
              },
            },
          ]),
    ],
    mend: () => {
      if ("reason" in disk) return;
      disk.setReadOnly(false);
      disk.free();
    },
    // Its tables do not take a record without an end.
    endless: async () => [],
    contents: async () =>
      new Map(
        readdirSync(directory)
          .filter((name) => name.startsWith("mayfly.db"))
          .map((name) => [name, readFileSync(join(directory, name))]),
      ),
    stop: async () => {
      if ("path" in disk) disk.remove();
      ground.remove();
    },
  };
}

/** Another process's write that takes its time: also what a slow disk looks like to everybody else. */
async function holdLock(path: string): Promise<() => void> {
  const db = new DatabaseSync(path);
  await until("the lock", () => {
    db.exec("BEGIN IMMEDIATE");
    return true;
  });
  return () => {
    db.exec("ROLLBACK");
    db.close();
  };
}
