import { afterEach, expect, test, vi } from "vitest";
import { LATE_MS } from "../../src/plugins/under-pressure.ts";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
afterEach(() => service.close());

/** Keeps every turn of the event loop, which client and service share here, busy for so long; until it is told to stop. */
function slowEveryTurn(ms: number): () => void {
  let busy = true;
  const turn = () => {
    const end = performance.now() + ms;
    while (performance.now() < end);
    if (busy) setImmediate(turn);
  };
  turn();
  return () => {
    busy = false;
  };
}

/** Asks until the answer has this status. */
async function until(status: number, ask: () => Promise<Response>): Promise<Response> {
  return vi.waitUntil(
    async () => {
      const answer = await ask();
      if (answer.status === status) return answer;
      await answer.arrayBuffer();
      return null;
    },
    { timeout: 20_000, interval: 0 },
  );
}

test("while its event loop is late, refuses new work before the store or a counter hears of it; burning and acknowledging pass", async () => {
  const heard: string[] = [];
  service = await runService({
    environment: { MAYFLY_RATE_LIMITS: "on" },
    lateMs: LATE_MS,
    wrapStore: (store) =>
      new Proxy(store, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          return (...given: unknown[]) => {
            heard.push(String(name));
            return value.apply(target, given) as unknown;
          };
        },
      }),
  });
  const calls = callsTo(service.url);
  const [kept, read, burned] = [sampleSecret(), sampleSecret(), sampleSecret()];
  const id = await calls.protect(kept);
  const readId = await calls.protect(read);
  const burnedId = await calls.protect(burned);
  const claim = randomText(32);
  expect((await calls.open(readId, { linkProof: read.linkProof, claim })).status).toBe(200);

  const stop = slowEveryTurn(300);
  try {
    await until(503, () => calls.status(id, kept.linkProof));
    heard.length = 0;
    const refused = await Promise.all([
      calls.open(id, { linkProof: kept.linkProof, claim }),
      calls.reserve({}),
      calls.status(id, kept.linkProof),
      calls.deposit(id, 0, kept.manageToken, kept.envelope),
    ]);
    for (const answer of refused) {
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, "unavailable"]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    expect(heard).toEqual([]);
    expect((await calls.part(readId, 0, claim)).status).toBe(200);
    const passing = await Promise.all([
      calls.acknowledge(readId, claim),
      calls.burn(burnedId, burned.manageToken),
      fetch(`${service.url}/livez`),
    ]);
    expect(passing.map(({ status }) => status)).toEqual([204, 204, 200]);
  } finally {
    stop();
  }
  // Nobody has looked at the heartbeat meanwhile.
  await service.guard.look();
  const opened = await until(200, () => calls.open(id, { linkProof: kept.linkProof, claim }));
  expect(Buffer.from(await opened.arrayBuffer())).toEqual(kept.envelope);
}, 40_000);
