import { randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import type { Store } from "../../src/index.ts";
import type { Bench, Ground } from "./harness.ts";
import { opened, sample } from "./sample.ts";

const MIB = 2 ** 20;
/** A secret of a few words. */
const SMALLEST = 334;

/** An envelope of `bytes` in parts of `partBytes`. */
function envelope(bytes: number, partBytes = bytes) {
  const made = sample();
  const parts = Math.ceil(bytes / partBytes);
  const lengthOf = (part: number) => (part < parts - 1 ? partBytes : bytes - partBytes * (parts - 1));
  return {
    ...made,
    parts,
    reservation: { ...made.reservation, bytes, partBytes },
    deposit: (part: number) => ({
      ...made.byManage,
      part,
      bytes: new Uint8Array(randomBytes(lengthOf(part))),
    }),
  };
}

/** Reserves and deposits all parts; the first outcome that is not to be expected, or `live`. */
async function put(store: Store, secret: ReturnType<typeof envelope>): Promise<string> {
  const { outcome } = await store.reserve(secret.reservation);
  if (outcome !== "reserved") return outcome;
  for (let part = 0; part < secret.parts; part++) {
    const answer = await store.deposit(secret.deposit(part));
    if (answer.outcome !== "incomplete") return answer.outcome;
  }
  return "nothing";
}

export function describeCapacity({ harness }: Ground): void {
  const within = async (freeBytes: number, run: (store: Store) => Promise<void>) => {
    const bench: Bench = await harness.open({ freeBytes });
    try {
      await run(bench.store());
    } finally {
      await bench.close();
    }
  };

  describe("capacity", () => {
    test("is taken by what is stored, never by what is reserved", () =>
      within(32 * MIB, async (store) => {
        for (let reserved = 0; reserved < 53; reserved++) {
          const { reservation } = envelope(20 * MIB, MIB);
          expect(await store.reserve(reservation)).toMatchObject({ outcome: "reserved" });
        }
        const small = envelope(SMALLEST);
        expect(await put(store, small)).toBe("live");
        expect(await opened(store, small.opening())).toMatchObject({ bytes: SMALLEST });
      }));

    test("keeps a share for small envelopes that large ones cannot take", () =>
      within(16 * MIB, async (store) => {
        let large = 0;
        while ((await put(store, envelope(64 * 1024 + 1))) === "live") large += 1;
        expect(large).toBeGreaterThan(100);
        expect(large * 64 * 1024).toBeLessThan(15 * MIB);
        for (let small = 0; small < 20; small++) {
          expect(await put(store, envelope(SMALLEST))).toBe("live");
        }
        expect(await put(store, envelope(64 * 1024))).toBe("live");
      }));

    test("is asked for by each part: what no longer fits is full, and its reservation stays", () =>
      within(8 * MIB, async (store) => {
        const [first, second] = [envelope(4 * MIB, MIB / 2), envelope(4 * MIB, MIB / 2)];
        for (const { reservation } of [first, second])
          expect(await store.reserve(reservation)).toMatchObject({ outcome: "reserved" });
        expect(await put(store, first)).toBe("live");
        expect(await put(store, second)).toBe("full");
        expect(await store.status(second.byManage)).toMatchObject({ state: "reserved" });
        expect(await store.reserve(second.reservation)).toMatchObject({ outcome: "reserved" });

        expect(await store.burn(first.byManage)).toEqual({ outcome: "burned" });
        // A store whose memory is measured once a second knows by then.
        const sent = await vi.waitUntil(
          async () => {
            const answer = await store.deposit(second.deposit(second.parts - 1));
            return answer.outcome !== "full" && answer;
          },
          { timeout: 10_000, interval: 50 },
        );
        expect(sent.outcome).toBe("incomplete");
        expect(await store.burn(second.byManage)).toEqual({ outcome: "burned" });
        expect(await store.deposit(second.deposit(0))).toEqual({ outcome: "not_found" });
      }));

    test("lets a part that is kept already be sent again when nothing more fits", () =>
      within(6 * MIB, async (store) => {
        const secret = envelope(2 * MIB, MIB / 2);
        await store.reserve(secret.reservation);
        const kept = secret.deposit(0);
        const answer = await store.deposit(kept);
        while ((await put(store, envelope(60_000))) === "live");
        expect(await store.deposit(secret.deposit(1))).toEqual({ outcome: "full" });
        expect(await store.deposit(kept)).toEqual(answer);
      }));
  });
}
