import { setTimeout as wait } from "node:timers/promises";
import { until } from "@mayfly/lab/until";
import { expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { startService } from "../../src/service.ts";
import { type Crowd, crowd, json } from "./crowd.ts";
import { deposit } from "./sender.ts";

const MIB = 1024 * 1024;
/** 896 KiB of payload: of an eighth of the store, three. */
const LARGE = 62 + 917_504 + 14 * 16;
const OF_ONE_CLIENT = 3;
/** In a minute. */
const CREATES = 60;
/** Few enough that asking until the counts are shared exceeds no limit by itself. */
const ASK_EVERY_MS = 200;

test.each(keepings)(
  "over %s, two API processes with the same limiter key count a client's bytes and requests together",
  async (kind) => {
    const service = await startService(await startKeeping(kind), {
      apis: 2,
      env: {
        MAYFLY_RATE_LIMITS: "on",
        MAYFLY_LIMITER_KEY: newClaim(),
        TRUSTED_PROXIES: "127.0.0.1",
        MAYFLY_STORE_MAX_BYTES: String(24 * MIB),
        MAYFLY_ENVELOPE_MAX_BYTES: String(MIB),
        MAYFLY_PART_BYTES: String(MIB),
      },
    });
    const crowds = service.apis.map(({ origin }) => crowd(origin, 1));
    const [one, other] = crowds as [Crowd, Crowd];
    const from = (address: string) => ({ "X-Forwarded-For": address });
    const reserve = async (clients: Crowd, bytes: number, address: string) => {
      const verifiers = { link: newClaim(), manage: newClaim() };
      const told = await clients.insist(
        json("/api/v1/secrets", { lifetime: 3600, reads: 1, bytes, verifiers }, from(address)),
      );
      return told.status === 201 ? "reserved" : (JSON.parse(String(told.body)) as { code: string }).code;
    };
    /** Asks until it is refused with this code; answers how many times it was not. */
    const passed = async (code: string, clients: Crowd, bytes: number, address: string) => {
      for (let asked = 0; asked < CREATES / 2; asked++) {
        if ((await reserve(clients, bytes, address)) === code) return asked;
        await wait(ASK_EVERY_MS);
      }
      throw new Error(`never refused with ${code}`);
    };
    try {
      for (let sent = 0; sent < OF_ONE_CLIENT; sent++)
        await until("a deposit", async () => "envelope" in (await deposit(one, from("192.0.2.1"), LARGE)));
      for (const clients of crowds) await passed("quota_exceeded", clients, LARGE, "192.0.2.1");
      expect(await reserve(other, LARGE, "192.0.2.2")).toBe("reserved");

      for (let sent = 0; sent < CREATES; sent++) await reserve(one, 334, "192.0.2.3");
      // The other hears of it at the second after its first request of that client.
      await passed("rate_limited", other, 334, "192.0.2.3");
      expect(await reserve(other, 334, "192.0.2.4")).toBe("reserved");
    } finally {
      for (const clients of crowds) clients.leave();
      await service.stop();
    }
  },
);
