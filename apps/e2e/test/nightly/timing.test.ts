import { createHash, randomBytes, randomInt } from "node:crypto";
import type { Store } from "@mayfly/store";
import { describe, expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { type InProcess, startInProcess } from "../attack/in-process.ts";
import { compare, T_MAX } from "../attack/welch.ts";

const MEASUREMENTS = 21_000;
const WARM_UP = 1_000;
/** Requests under way at a time: an answer that there is nothing is kept back for a while. */
const LANES = 8;
/** The slowest tenth is the machine's; the faster half is where little would show. */
const KEPT = [0.5, 0.9];
/** Secrets and reservations that are asked for in turn. */
const EACH = 64;

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const random = (bytes: number) => text(randomBytes(bytes));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

const classes = ["unknown id", "wrong proof", "reservation"] as const;
type Class = (typeof classes)[number];
type Samples = Record<Class, number[]>;

/** Reserves, deposits when told to, and answers the id. */
async function prepare({ app }: InProcess, live: boolean): Promise<string> {
  const manage = randomBytes(32);
  const envelope = Buffer.concat([Buffer.from("MFLY\x01"), randomBytes(329)]);
  const reserved = await app.inject({
    method: "POST",
    url: "/api/v1/secrets",
    payload: {
      lifetime: 3600,
      reads: 1,
      bytes: envelope.length,
      verifiers: { link: text(sha256(randomBytes(32))), manage: text(sha256(manage)) },
    },
  });
  const { id } = reserved.json<{ id: string }>();
  if (!live) return id;
  const deposited = await app.inject({
    method: "PUT",
    url: `/api/v1/secrets/${id}/parts/0`,
    headers: { "content-type": "application/octet-stream", authorization: `Bearer ${text(manage)}` },
    payload: envelope,
  });
  expect(deposited.statusCode).toBe(201);
  return id;
}

/** Microseconds of requests that all end in 404, the classes in random order. */
async function measure(service: InProcess, measurements: number): Promise<Samples> {
  const ids: Record<Class, string[]> = { "unknown id": [], "wrong proof": [], reservation: [] };
  for (let number = 0; number < EACH; number++) {
    ids["unknown id"].push(random(16));
    ids["wrong proof"].push(await prepare(service, true));
    ids.reservation.push(await prepare(service, false));
  }
  const samples: Samples = { "unknown id": [], "wrong proof": [], reservation: [] };
  let number = -WARM_UP;
  const lane = async () => {
    while (number++ < measurements) {
      const measured = number > 0;
      const asked = classes[randomInt(classes.length)] as Class;
      const request = {
        method: "POST",
        url: `/api/v1/secrets/${ids[asked][randomInt(EACH)]}/open`,
        payload: { linkProof: random(32), claim: random(16) },
      } as const;
      const began = performance.now();
      const { statusCode } = await service.app.inject(request);
      const took = performance.now() - began;
      // Refused before it was looked at, because the machine is busy: nothing was measured.
      if (statusCode === 503) {
        number -= 1;
        continue;
      }
      if (statusCode !== 404) throw new Error(`answered ${statusCode}`);
      if (measured) samples[asked].push(took * 1_000);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return samples;
}

const pairs = classes.flatMap((a, i) => classes.slice(i + 1).map((b) => [a, b] as const));

/** Answers without looking when there is nothing: what a careless store or a cache in front of one would do. */
function hasty(store: Store): Store {
  const known = new Set<string>();
  return new Proxy(store, {
    get(target, name) {
      if (name === "reserve") {
        return (reservation: Parameters<Store["reserve"]>[0]) => {
          known.add(reservation.id);
          return target.reserve(reservation);
        };
      }
      if (name === "open") {
        return async (opening: Parameters<Store["open"]>[0]) =>
          known.has(opening.id) ? target.open(opening) : { outcome: "not_found" };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/**
 * The service is measured as it is shipped: what the store's own time tells, the app keeps back. The guard is the same measurement
 * over a store that leaks, with an app that keeps nothing back.
 */
describe.each(keepings)("over %s", { timeout: 180_000 }, (kind) => {
  test("an unknown id, a wrong proof and a reservation take the same time", async () => {
    const service = await startInProcess(await startKeeping(kind));
    try {
      const samples = await measure(service, MEASUREMENTS);
      for (const [a, b] of pairs) {
        for (const kept of KEPT) {
          const { t, difference, visible } = compare(samples[a], samples[b], kept);
          const seen = `${a}, ${b}: ${difference.toFixed(1)} µs apart, ${visible.toFixed(1)} would show`;
          expect.soft(Math.abs(t), seen).toBeLessThan(T_MAX);
        }
      }
    } finally {
      await service.stop();
    }
  });

  test("a store that answers hastily where there is nothing is told by the same measurement", async () => {
    const service = await startInProcess(await startKeeping(kind), { wrap: hasty, notFoundAfterMs: 0 });
    try {
      const samples = await measure(service, MEASUREMENTS / 3);
      for (const kept of KEPT) {
        const { t } = compare(samples["unknown id"], samples["wrong proof"], kept);
        expect(Math.abs(t)).toBeGreaterThan(T_MAX);
      }
    } finally {
      await service.stop();
    }
  });
});
