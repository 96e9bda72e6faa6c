import { expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { startService } from "../../src/service.ts";
import { type Asking, crowd, json } from "./crowd.ts";
import { protect } from "./sender.ts";

const MIB = 1024 * 1024;
/** 60 MiB of payload, in a store of 64 MiB. */
const LARGEST = 62 + 60 * MIB + 960 * 16;
const SMALLEST = 334;
const NETWORKS = 9;
/** More than fill a store of the usual 1 GiB, if a reservation took what it announces. */
const RESERVATIONS = 54;

test.each(keepings)(
  "over %s, during a flood of reservations from nine networks a stranger's smallest secret is taken",
  async (kind) => {
    const service = await startService(await startKeeping(kind), {
      env: {
        MAYFLY_RATE_LIMITS: "on",
        TRUSTED_PROXIES: "127.0.0.1",
        MAYFLY_STORE_MAX_BYTES: String(128 * MIB),
      },
    });
    const clients = crowd(service.origin, 4);
    const reserving = (bytes: number, address: string): Asking => {
      const verifiers = { link: newClaim(), manage: newClaim() };
      const asked = { lifetime: 3600, reads: 1, bytes, verifiers };
      return json("/api/v1/secrets", asked, { "X-Forwarded-For": address });
    };
    try {
      const flood = await clients.askMany(RESERVATIONS, (number) =>
        reserving(LARGEST, `2001:db8:0:${((number % NETWORKS) + 1).toString(16)}::1`),
      );
      expect(flood[201]).toBeGreaterThan(2);
      const stranger = "192.0.2.1";
      expect((await clients.insist(reserving(SMALLEST, stranger))).status).toBe(201);
      await protect(clients, { "X-Forwarded-For": stranger });
    } finally {
      clients.leave();
      await service.stop();
    }
  },
);
