import { expect, test } from "vitest";
import { startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { startService } from "../../src/service.ts";
import { until } from "../../src/until.ts";
import { crowd, json } from "./crowd.ts";

const MIB = 1024 * 1024;
/** 896 KiB of payload: of an eighth of the store, three. */
const LARGE = 62 + 917_504 + 14 * 16;
const OF_ONE_CLIENT = 3;

/** Over SQLite the counters are in each process (`packages/store/README.md`). */
test.each([
  ["redis", OF_ONE_CLIENT],
  ["sqlite", 2 * OF_ONE_CLIENT],
] as const)(
  "two API processes over %s let one client reserve no more than %i large envelopes",
  async (kind, most) => {
    const service = await startService(await startKeeping(kind), {
      apis: 2,
      env: {
        MAYFLY_RATE_LIMITS: "on",
        MAYFLY_STORE_MAX_BYTES: String(24 * MIB),
        MAYFLY_ENVELOPE_MAX_BYTES: String(MIB),
        MAYFLY_PART_BYTES: String(MIB),
      },
    });
    const crowds = service.apis.map(({ origin }) => crowd(origin, 1));
    try {
      const statuses: number[] = [];
      for (let sent = 0; sent < 10; sent++) {
        for (const clients of crowds) {
          const verifiers = { link: newClaim(), manage: newClaim() };
          const asking = json("/api/v1/secrets", { lifetime: 3600, reads: 1, bytes: LARGE, verifiers });
          // A busy machine may say so first.
          const told = await until("another answer than 503", async () => {
            const answer = await clients.ask(asking);
            return answer.status !== 503 && answer;
          });
          statuses.push(told.status);
        }
      }
      expect(statuses.slice(0, most)).toEqual(Array(most).fill(201));
      expect(statuses.slice(most)).toEqual(Array(20 - most).fill(429));
    } finally {
      for (const clients of crowds) clients.leave();
      await service.stop();
    }
  },
);
