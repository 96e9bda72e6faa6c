import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Service as ServiceAnswer } from "@mayfly/wire";
import { send } from "../../src/reader.ts";
import { type Figure, type Part, subjectOf } from "../figure.ts";
import { type BenchStore, type Server, startService, startStore } from "../ground.ts";
import { answerTo, envelopeOf, newLife, traffic } from "../secret-traffic.ts";

/** Bytes of each canary, and from one to the next. */
const [CANARY, APART] = [32, 4_096];
const LOOK_MS = 50;

const places = [
  { kind: "sqlite", settings: {}, subject: subjectOf("sqlite"), files: true },
  { kind: "redis", settings: { appendonly: "yes" }, subject: "Redis, append-only file", files: true },
  { kind: "redis", settings: {}, subject: "Redis, no persistence", files: false },
] as const;

export const erasurePart: Part = {
  name: "erasure",
  title: "How long files hold the bytes of an ended secret",
  notes: [
    "A secret of 64 KiB is stored, read and acknowledged. Every file of the store is searched for canaries out of its sealed bytes, until none holds one. By itself: seconds from the acknowledgement.",
    "With a sweep: files still held one after a while, so a sweep began at once, which otherwise is the hourly one. Seconds from its beginning.",
    "Still held: canaries that files held when the search was given up.",
    "Promised: what the service told as maintenance.erasedWithinSeconds after the acknowledgement. Where it told null, nothing is promised.",
  ],
  async run({ stores, erasureSeconds }) {
    const figures: Figure[] = [];
    for (const { kind, settings, subject, files } of places) {
      if (!stores.includes(kind)) continue;
      const store = await startStore(kind, settings);
      const service = await startService(store);
      const canaries = await endedSecret(service, store, files);
      figures.push(...(await erasure(subject, service, store, canaries, erasureSeconds)));
      await service.stop();
      await store.stop();
    }
    return figures;
  },
};

/** Stores, reads and acknowledges a secret; its canaries. Throws when files should hold them at first and do not. */
async function endedSecret(service: Server, store: BenchStore, files: boolean): Promise<readonly Buffer[]> {
  const envelope = envelopeOf(65_536);
  const canaries: Buffer[] = [];
  for (let at = APART; at + CANARY <= envelope.length; at += APART)
    canaries.push(envelope.subarray(at, at + CANARY));
  const life = newLife();
  for (const [at, step] of traffic(envelope).entries()) {
    const { status, body } = await answerTo(service.origin, step.send(life));
    if (!step.see(life, status, body)) throw new Error("the secret could not be stored and read");
    if (at === 1 && files && heldIn(store, canaries) === 0)
      throw new Error(`the search does not find what is there: ${store.kind}`);
  }
  return canaries;
}

async function erasure(
  subject: string,
  service: Server,
  store: BenchStore,
  canaries: readonly Buffer[],
  patienceSeconds: number,
): Promise<readonly Figure[]> {
  const none = () => heldIn(store, canaries) === 0;
  const figures: Figure[] = [];
  const alone = await secondsUntil(none, patienceSeconds);
  if (alone !== null) figures.push({ subject, what: "by itself", value: alone, unit: "s" });
  else {
    const sweep = service.sweep();
    const swept = await secondsUntil(none, patienceSeconds);
    await sweep;
    if (swept !== null) figures.push({ subject, what: "with a sweep", value: swept, unit: "s" });
  }
  figures.push({ subject, what: "still held", value: heldIn(store, canaries), unit: "canaries", most: 0 });
  const { maintenance } = (await (await send(service.origin, "service")).json()) as ServiceAnswer;
  if (maintenance.erasedWithinSeconds !== null)
    figures.push({ subject, what: "promised", value: maintenance.erasedWithinSeconds, unit: "s" });
  return figures;
}

/** Seconds from now until `is` first holds, or null. */
async function secondsUntil(is: () => boolean, withinSeconds: number): Promise<number | null> {
  const began = performance.now();
  for (;;) {
    const seconds = (performance.now() - began) / 1000;
    if (is()) return seconds;
    if (seconds > withinSeconds) return null;
    await wait(LOOK_MS);
  }
}

/** How many of the canaries the files of a store hold. */
function heldIn(store: BenchStore, canaries: readonly Buffer[]): number {
  const contents = [store.folder, ...(store.redis === null ? [] : [store.redis.folder])].flatMap(filesIn);
  return canaries.filter((canary) => contents.some((content) => content.includes(canary))).length;
}

/** The contents of all files. Looks again when one has gone meanwhile: its bytes may be in another by then. */
function filesIn(folder: string): readonly Buffer[] {
  for (;;) {
    try {
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}
