import { createClient, textSecret } from "@mayfly/client";
import { until } from "@mayfly/lab/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepings, startKeeping } from "../src/keeping.ts";
import { insist, newClaim, open, send, shownBy } from "../src/reader.ts";
import { type Service, startService } from "../src/service.ts";
import { sideBySide } from "./side-by-side.ts";

const SECRETS = 200;
const OPENERS_PER_API = 8;

sideBySide(keepings, "two API processes over one %s store", (kind) => {
  let service: Service;

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), { apis: 2 });
  });
  afterAll(() => service?.stop());

  test(`hand each of ${SECRETS} secrets to exactly one of sixteen openers, and keep nothing of it`, async () => {
    const links = await inTurn(SECRETS, 8, async (number) => {
      const client = createClient({ server: service.apis[number % 2]?.origin ?? "" });
      return (await client.protect(textSecret(`secret ${number}`), { lifetime: 300, reads: 1 })).link;
    });
    const tallies: string[] = [];
    for (const link of links) {
      const shown = await shownBy(link);
      const runners = service.apis.flatMap(({ origin }) =>
        Array.from({ length: OPENERS_PER_API }, () => ({ origin, claim: newClaim() })),
      );
      // All leave in one tick.
      const answers = await Promise.all(
        runners.map(async ({ origin, claim }) => {
          const answer = await insist(() => open(origin, shown, claim));
          await answer.arrayBuffer();
          return { status: answer.status, claim };
        }),
      );
      const count = (status: number) => answers.filter((answer) => answer.status === status).length;
      tallies.push(`200: ${count(200)}, 410: ${count(410)}`);
      const winner = answers.find(({ status }) => status === 200);
      // Through the other process than most openers' first one: the claim is the store's, not a process's.
      const { origin } = service.apis[tallies.length % 2] ?? service;
      const acknowledgement = { id: shown.id, json: { claim: winner?.claim ?? newClaim() } };
      const confirmed = await insist(() => send(origin, "acknowledge", acknowledgement));
      expect(confirmed.status).toBe(204);
    }
    expect(tallies).toEqual(Array(SECRETS).fill("200: 1, 410: 15"));
    expect(await service.keeping.parts()).toBe(0);
  });

  test("end a read that nobody confirms, by themselves, and never offer it again", async () => {
    const keeping = await startKeeping(kind);
    const short = await startService(keeping, { apis: 2, env: { MAYFLY_LEASE_SECONDS: "1" } });
    try {
      const client = createClient({ server: short.origin });
      const { link, manageLink } = await client.protect(textSecret("x"), { lifetime: 300, reads: 1 });
      const shown = await shownBy(link);
      const claim = newClaim();
      const answer = await insist(() => open(short.origin, shown, claim));
      const leaseEnds = Date.parse(answer.headers.get("Mayfly-Lease-Ends") ?? "");
      await until("the parts to be gone", async () => (await keeping.parts()) === 0);
      expect(Date.now()).toBeGreaterThanOrEqual(leaseEnds - 50);
      for (const { origin } of short.apis)
        expect((await insist(() => open(origin, shown, claim))).status).toBe(410);
      expect(await client.status(manageLink)).toMatchObject({ state: "opened" });
    } finally {
      await short.stop();
    }
  });
});

/** `count` results in order, `width` of them under way at a time. */
async function inTurn<T>(count: number, width: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const hand = async () => {
    for (let number = next++; number < count; number = next++) made[number] = await make(number);
  };
  await Promise.all(Array.from({ length: width }, hand));
  return made;
}
