import { until } from "@mayfly/lab/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { type Service, startService } from "../../src/service.ts";
import { sideBySide } from "../side-by-side.ts";
import { ATTACK_MS, CREATES } from "./counts.ts";
import { type Asking, type Crowd, crowd, json, type Told } from "./crowd.ts";
import { bearer, deposit, opening, protect, type Sent } from "./sender.ts";

const MIB = 1024 * 1024;
const CAPACITY = 24 * MIB;
/** 896 KiB of payload: of an eighth of the store, three. */
const LARGE = 62 + 917_504 + 14 * 16;
const OF_ONE_CLIENT = 3;

const from = (address: string) => ({ "X-Forwarded-For": address });
const isSent = (answer: Sent | Told): answer is Sent => "envelope" in answer;

sideBySide(keepings, "over %s, a flood of large secrets", (kind) => {
  let service: Service;
  let clients: Crowd;
  const before: Sent[] = [];
  const large: Sent[] = [];

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), {
      env: {
        MAYFLY_RATE_LIMITS: "on",
        TRUSTED_PROXIES: "127.0.0.1",
        MAYFLY_STORE_MAX_BYTES: String(CAPACITY),
        MAYFLY_ENVELOPE_MAX_BYTES: String(MIB),
        MAYFLY_PART_BYTES: String(MIB),
      },
    });
    clients = crowd(service.origin, 4);
    for (let sent = 0; sent < 3; sent++) before.push(await protect(clients, from("192.0.2.200")));
  });
  afterAll(async () => {
    clients?.leave();
    await service?.stop();
  });

  /** An answer that is no "not now": a machine with much to do may say so at first. */
  const insist = (ask: () => Promise<Sent | Told>): Promise<Sent | Told> =>
    until("another answer than 503", async () => {
      const answer = await ask();
      return (isSent(answer) || answer.status !== 503) && answer;
    });
  const asking = async (asked: Asking) => {
    const told = await insist(() =>
      clients.ask({ ...asked, headers: { ...asked.headers, ...from("192.0.2.201") } }),
    );
    return (told as Told).status;
  };

  test("from one client ends with its quota, long before the store is full, and others go on creating", async () => {
    const refusals: number[] = [];
    for (let sent = 0; sent < 20; sent++) {
      const answer = await insist(() => deposit(clients, from("192.0.2.1"), LARGE));
      if (isSent(answer)) large.push(answer);
      else refusals.push(answer.status);
    }
    expect(large.length).toBe(OF_ONE_CLIENT);
    expect(refusals).toEqual(Array(20 - OF_ONE_CLIENT).fill(429));
    expect(isSent(await insist(() => deposit(clients, from("192.0.2.2"), LARGE)))).toBe(true);
  });

  test("from all addresses of one network is one client's", { timeout: ATTACK_MS }, async () => {
    for (let host = 1; host <= OF_ONE_CLIENT; host++) {
      const answer = await insist(() => deposit(clients, from(`2001:db8:0:1:${host}::1`), LARGE));
      expect(isSent(answer)).toBe(true);
      large.push(answer as Sent);
    }
    const reserving = (host: number): Asking => {
      const verifiers = { link: newClaim(), manage: newClaim() };
      const asked = { lifetime: 3600, reads: 1, bytes: LARGE, verifiers };
      return json("/api/v1/secrets", asked, from(`2001:db8:0:1::${(host + 1).toString(16)}`));
    };
    // Of a machine that cannot keep up, some are told so before anything was counted.
    const { 201: kept = 0, 429: refused = 0, 503: shed = 0 } = await clients.askMany(CREATES, reserving);
    expect(kept + refused + shed).toBe(CREATES);
    expect(kept).toBe(0);
    expect(refused).toBeGreaterThan(shed);
  });

  test("from many clients ends with the store's capacity: 507, and when to come again", async () => {
    let refusal: Told | undefined;
    for (let client = 3; client < 60 && !refusal; client++) {
      const answer = await insist(() => deposit(clients, from(`192.0.2.${client}`), LARGE));
      if (isSent(answer)) large.push(answer);
      else refusal = answer;
    }
    expect(refusal?.status).toBe(507);
    expect(Number(refusal?.headers["retry-after"])).toBeGreaterThan(0);
    expect(JSON.parse(String(refusal?.body))).toMatchObject({ code: "store_full" });
    expect(large.length).toBeGreaterThan(OF_ONE_CLIENT);
    expect(large.length * LARGE).toBeLessThanOrEqual(CAPACITY);
  });

  test("keeps nobody from opening, acknowledging and burning what was there, and room comes back", async () => {
    const [read, burned, kept] = before as [Sent, Sent, Sent];
    const claim = newClaim();
    expect(await asking(opening(read, claim))).toBe(200);
    expect(await asking(json(`/api/v1/secrets/${read.id}/acknowledge`, { claim }))).toBe(204);
    const burn = ({ id, manage }: Sent): Asking => ({
      method: "DELETE",
      path: `/api/v1/secrets/${id}`,
      headers: bearer(manage),
    });
    expect(await asking(burn(burned))).toBe(204);
    // Half of them: Redis takes more for a value than its length, and lets in by an estimate between two looks.
    for (const secret of large.slice(0, large.length / 2)) expect(await asking(burn(secret))).toBe(204);
    // A new client each time: asking again and again is limited, too.
    let client = 0;
    await until("room for another", async () =>
      isSent(await deposit(clients, from(`198.51.100.${client++}`), LARGE)),
    );
    expect(await asking(opening(kept, newClaim()))).toBe(200);
  });
});
