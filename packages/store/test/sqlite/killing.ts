import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Store } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { countOverdue } from "../sweeps.ts";
import { type Confirmed, envelopeOf, hashOf } from "./mortal.ts";

/** What became of the kills: how many, which steps were asked about, how often a step was done that nobody had been told of, and every contradiction. */
export interface Toll {
  kills: number;
  readonly asked: Record<Confirmed, number>;
  ahead: number;
  readonly faults: string[];
}

type Says = "confirmed" | "boast";

/** How the programs are started. */
interface Start {
  readonly says: Says;
  readonly seed: number;
  readonly env: NodeJS.ProcessEnv;
}

type Steps = Map<string, Confirmed>;

const PROGRAM = fileURLToPath(new URL("mortal.ts", import.meta.url));

/** What a killed process wrote is in the system's memory whatever the disk has of it, and waiting for a disk takes most of the time. */
export const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Two processes at a time use one file; after so many of these pairs a new file is begun. */
const PAIRS_PER_FILE = 5;

/** No more confirmations than this are waited for before a kill. */
const CONFIRMATIONS = 60;

const NEXT: Readonly<Record<Confirmed, readonly string[]>> = {
  live: ["live", "claimed", "opened", "burned"],
  claimed: ["claimed", "opened"],
  acknowledged: ["opened"],
  burned: ["burned"],
};

const SAID: Readonly<Record<Confirmed, string>> = {
  live: "live",
  claimed: "claimed",
  acknowledged: "opened",
  burned: "burned",
};

/**
 * Kills about this many processes on files of their own, several files at a time, and asks after each pair what is left.
 * `seed` says after how many confirmations each is killed. `says`: whether the program waits for an answer before it says that it
 * has one.
 */
export async function kill(
  times: number,
  files: number,
  seed: number,
  says: Says = "confirmed",
): Promise<Toll> {
  const asked = { live: 0, claimed: 0, acknowledged: 0, burned: 0 };
  const toll: Toll = { kills: 0, asked, ahead: 0, faults: [] };
  const cache = mkdtempSync(join(MEMORY, "mayfly-compiled-"));
  try {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    // To compile the program is most of its start, and one that is killed leaves nothing in the cache.
    spawnSync(process.execPath, ["-e", `import(${JSON.stringify(PROGRAM)})`], { env });
    const use = async () => {
      while (toll.kills < times) await useOneFile(toll, times, { says, seed, env });
    };
    await Promise.all(Array.from({ length: files }, use));
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  return toll;
}

async function useOneFile(toll: Toll, times: number, start: Start): Promise<void> {
  const directory = mkdtempSync(join(MEMORY, "mayfly-kill-"));
  const all: Steps = new Map();
  try {
    for (let pair = 0; pair < PAIRS_PER_FILE && toll.kills < times; pair++) {
      const number = toll.kills;
      toll.kills += 2;
      const both = await Promise.all(
        [number, number + 1].map((each) => runAndKill(directory, after(start.seed, each), start)),
      );
      for (const steps of both) {
        for (const [id, step] of steps) all.set(id, step);
      }
      // What earlier pairs were told holds as well as what the last one was.
      await ask(directory, all, toll);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** After how many confirmations the kill with this number comes. */
function after(seed: number, number: number): number {
  return 1 + (createHash("sha256").update(`${seed} ${number}`).digest().readUInt32BE() % (CONFIRMATIONS - 1));
}

/** Lets the program run, kills it at a confirmation, and answers what was the last that each secret's steps said. */
async function runAndKill(directory: string, confirmations: number, { says, env }: Start): Promise<Steps> {
  const child = spawn(process.execPath, [PROGRAM, directory, says], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const steps: Steps = new Map();
  let left = confirmations;
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line may have been cut by the kill.
    const [, id, step] = /^([\w-]{22}) (live|claimed|acknowledged|burned)$/.exec(line) ?? [];
    if (id && step) steps.set(id, step as Confirmed);
    left -= 1;
    if (left === 0) child.kill("SIGKILL");
  }
  const [code, signal] = await exit;
  if (signal !== "SIGKILL") throw new Error(`the program ended by itself: ${code}`);
  return steps;
}

async function ask(directory: string, steps: Steps, toll: Toll): Promise<void> {
  const store = await openSqliteStore({ directory, capacityBytes: 1e9, busyTimeoutMs: 5_000 });
  const db = new DatabaseSync(`${directory}/mayfly.db`);
  try {
    const integrity = db.prepare("PRAGMA integrity_check").get()?.integrity_check;
    if (integrity !== "ok") toll.faults.push(`integrity: ${integrity}`);
    for (const [id, step] of steps) {
      const { state, faults } = await survey(store, db, id, step);
      if (state !== SAID[step]) toll.ahead += 1;
      toll.asked[step] += 1;
      toll.faults.push(...faults.map((fault) => `${step}, now ${state}: ${fault}`));
      // From here on it is what the questions made of it.
      if (state === "live" || state === "claimed") steps.set(id, "claimed");
      else if (state === "opened") steps.set(id, "acknowledged");
      else if (state === "burned") steps.set(id, "burned");
    }
    const overdue = await countOverdue(store, await store.now(), { batch: 1_000 });
    if (overdue > 0) toll.faults.push(`${overdue} things are overdue or broken`);
  } finally {
    db.close();
    await store.close();
  }
}

/**
 * Where a secret stands, and what contradicts its last confirmed step. The step after it may have been done or not. Opens it, so that
 * afterwards the claim is bound.
 */
export async function survey(
  store: Store,
  db: DatabaseSync,
  id: string,
  step: Confirmed,
): Promise<{ readonly state: string; readonly faults: readonly string[] }> {
  const open = (who: "claim" | "other claim") =>
    store.open({
      id,
      link: hashOf(id, "link"),
      claim: hashOf(id, who),
      passphrase: null,
      attempt: randomBytes(16),
    });
  const status = await store.status({ id, manage: hashOf(id, "manage") });
  const state = status.outcome === "status" ? status.state : status.outcome;
  const faults: string[] = [];
  if (!NEXT[step].includes(state)) faults.push("the step was undone");
  const kept = state === "live" || state === "claimed";
  const held = "SELECT 1 FROM secrets JOIN parts ON part = secret * 1048576 WHERE id = ?";
  if ((db.prepare(held).get(id) !== undefined) !== kept)
    faults.push(kept ? "the envelope is lost" : "the envelope is still there");
  if (state === "claimed" && (await open("other claim")).outcome !== "gone")
    faults.push("a second claim was let in");
  const answer = await open("claim");
  const opened = answer.outcome === "opened";
  if (opened !== kept) faults.push(kept ? "its reader was refused" : "it was opened after its end");
  if (opened && Buffer.compare(answer.part, envelopeOf(id)) !== 0) faults.push("its bytes are others");
  return { state, faults };
}
