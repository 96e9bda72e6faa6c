import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type ClientError,
  createClient,
  type OpenProgress,
  type Protected,
  type ProtectProgress,
  type Read,
  textOf,
  textSecret,
} from "../src/index.ts";
import { passing } from "./passing.ts";
import { type Fault, startTinyService } from "./tiny-service.ts";

// The service and its sockets are real; the client's running clock is ours.
const tiny = await startTinyService(256);
const client = createClient({
  server: tiny.origin,
  stretchPassphrase: async () => new Uint8Array(32).fill(7),
});
const once = { lifetime: 3600, reads: 1 as const };
const long = "x".repeat(700);

afterAll(() => tiny.stop());
beforeEach(() => {
  tiny.reset();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => vi.useRealTimers());

async function made(text = long, passphrase?: string): Promise<Protected> {
  const options = { ...once, ...(passphrase !== undefined && { passphrase }) };
  const { result } = await passing(client.protect(textSecret(text), options));
  tiny.seen.length = 0;
  return result as Protected;
}

/** From the first matching request on, the service is away for so many seconds: every request ends in `way`. */
function away(seconds: number, match: RegExp, way: (response: ServerResponse) => void = hangUp): void {
  let end: number | undefined;
  const fault: Fault = ({ method, url }, response) => {
    if (end === undefined && match.test(`${method} ${url}`)) end = performance.now() + seconds * 1000;
    if (end === undefined || performance.now() >= end) return "serve";
    way(response);
    return "answered";
  };
  tiny.control.fault = fault;
}
const hangUp = (response: ServerResponse) => void response.socket?.destroy();
const halt = (response: ServerResponse) =>
  void response.writeHead(503, { "Retry-After": 60 }).end(JSON.stringify({ code: "halted" }));
const asked = (match: RegExp) => tiny.seen.filter(({ method, url }) => match.test(`${method} ${url}`));

test("a service that is away for 45 s in the middle of a download costs nothing, and its reader is told", async () => {
  const { link } = await made();
  away(45, /POST .*parts\/1/);
  const steps: OpenProgress[] = [];
  const opener = client.opener(link);
  const { result, seconds } = await passing(opener.open({ onProgress: (step) => steps.push(step) }));
  expect(textOf((result as Awaited<ReturnType<typeof opener.open>>).secret)).toBe(long);
  expect(seconds).toBeGreaterThanOrEqual(45);
  expect(seconds).toBeLessThan(52);
  const waiting = steps.filter(({ step }) => step === "waiting");
  expect(new Set(waiting.map((told) => (told as { since: string }).since)).size).toBe(1);
  expect(waiting[0]).toMatchObject({ code: "offline", until: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(steps.slice(steps.findLastIndex(({ step }) => step === "waiting") + 1)[0]?.step).toBe("receiving");
});

test("a service that is away for 45 s in the middle of an upload costs nothing, and its sender is told", async () => {
  away(45, /PUT .*parts\/1/);
  const steps: ProtectProgress[] = [];
  const work = client.protect(textSecret(long), { ...once, onProgress: (step) => steps.push(step) });
  const { result, seconds } = await passing(work);
  expect(seconds).toBeGreaterThanOrEqual(45);
  expect(seconds).toBeLessThan(52);
  const after = steps[steps.findLastIndex(({ step }) => step === "waiting") + 1];
  expect(after).toMatchObject({ step: "storing", deposited: 1 });
  expect(textOf((await client.open((result as Protected).link)).secret)).toBe(long);
});

test("a service that is away for 45 s when it is told of a read hears of it all the same", async () => {
  const { link } = await made();
  away(45, /acknowledge/);
  const opened = (await passing(client.open(link))).result as Read;
  const { result, seconds } = await passing(opened.acknowledged);
  expect(result).toBe(true);
  expect(seconds).toBeGreaterThan(40);
});

test("a first open that nobody answers is sent again for 45 s, under one claim", async () => {
  const { link } = await made();
  let lost = 1;
  away(45, /open$/);
  const cut = tiny.control.fault;
  tiny.control.fault = (seen, response) => {
    const fate = cut(seen, response);
    return lost-- > 0 ? "drop_after" : fate;
  };
  const opener = client.opener(link);
  expect([opener.leaseEnds, opener.unanswered]).toEqual([null, false]);
  const unanswered: boolean[] = [];
  const work = opener.open({ onProgress: () => unanswered.push(opener.unanswered) });
  const { result } = await passing(work);
  expect(textOf((result as Awaited<typeof work>).secret)).toBe(long);
  expect(unanswered).toContain(true);
  expect([opener.leaseEnds, opener.unanswered]).toEqual([expect.stringMatching(/^\d{4}-.*Z$/), false]);
  expect(new Set(asked(/open$/).map(({ body }) => JSON.parse(body.toString()).claim)).size).toBe(1);
});

test("a passphrase is not spent on a service that is away: it is sent again once, when something is answered", async () => {
  const { link } = await made("behind", "right");
  away(45, /open$/);
  const { result } = await passing(client.open(link, { passphrase: "right" }));
  expect(textOf((result as Awaited<ReturnType<typeof client.open>>).secret)).toBe("behind");
  expect(asked(/open$/)).toHaveLength(2);
  expect(asked(/service$/).length).toBeGreaterThan(5);
});

test("within the lease of a read no other passphrase than the one it took is sent", async () => {
  const { link } = await made(long, "right");
  let broken = 1;
  tiny.control.fault = ({ url }, response) => {
    if (!/parts\/1/.test(url) || broken-- <= 0) return "serve";
    response.writeHead(500).end(JSON.stringify({ code: "internal" }));
    return "answered";
  };
  const opener = client.opener(link);
  expect((await passing(opener.open({ passphrase: "right" }))).result).toMatchObject({ code: "internal" });
  tiny.seen.length = 0;
  const mistyped = (await passing(opener.open({ passphrase: "rihgt" }))).result;
  expect(mistyped).toMatchObject({ code: "wrong_passphrase", leaseEnds: opener.leaseEnds });
  expect(tiny.seen).toEqual([]);
  const { result } = await passing(opener.open({ passphrase: "right" }));
  expect(textOf((result as Awaited<ReturnType<typeof opener.open>>).secret)).toBe(long);
});

test("giving up when the lease is over tells until when this reader had it", async () => {
  const { link } = await made();
  away(500, /POST .*parts\/1/);
  const opener = client.opener(link);
  const { result, seconds } = await passing(opener.open());
  expect(seconds).toBeGreaterThan(55);
  expect(seconds).toBeLessThan(62);
  expect(result).toMatchObject({ code: "offline", leaseEnds: opener.leaseEnds });
  expect(opener.leaseEnds).toMatch(/^\d{4}-.*Z$/);
  // It may be asked again, and the service says what became of it.
  tiny.control.fault = (_seen, response) => {
    response.writeHead(410).end(JSON.stringify({ code: "gone", state: "opened" }));
    return "answered";
  };
  const again = (await passing(opener.open())).result as ClientError;
  expect(again).toMatchObject({ code: "gone", state: "opened", leaseEnds: opener.leaseEnds });
});

test("a deposit is tried again until the reservation ends, and is then withdrawn", async () => {
  tiny.control.depositSeconds = 120;
  // This machine's clock is a day ahead of the service's.
  tiny.control.clockMs = -86_400_000;
  away(500, /PUT/, (response) => response.writeHead(503).end(JSON.stringify({ code: "unavailable" })));
  const steps: ProtectProgress[] = [];
  const work = client.protect(textSecret(long), { ...once, onProgress: (step) => steps.push(step) });
  const { result, seconds } = await passing(work);
  expect(result).toMatchObject({ code: "unavailable" });
  expect(seconds).toBeGreaterThan(110);
  expect(seconds).toBeLessThan(122);
  expect(steps.at(-1)).toEqual({ step: "withdrawn", confirmed: false });
});

test("a halt does not use a lease up: the read goes on when the service accepts again", async () => {
  const { link } = await made();
  away(300, /POST .*parts\/1/, halt);
  const steps: OpenProgress[] = [];
  const { result, seconds } = await passing(client.open(link, { onProgress: (step) => steps.push(step) }));
  expect(textOf((result as Awaited<ReturnType<typeof client.open>>).secret)).toBe(long);
  // Asked well within a lease, which runs anew from the end of the halt.
  expect(seconds).toBeGreaterThan(300);
  expect(seconds).toBeLessThan(325);
  expect(steps.find(({ step }) => step === "waiting")).toMatchObject({ code: "halted", until: null });
});

test("while the service is halted, a reader spends no more than a quarter of its lease between two tries", async () => {
  const { link } = await made();
  const times: number[] = [];
  away(300, /POST .*parts\/1/, (response) => {
    times.push(performance.now() / 1000);
    halt(response);
  });
  await passing(client.open(link));
  const pauses = times.slice(1).map((time, index) => time - (times[index] as number));
  // One second for the exchange itself, during which the client's clock runs on.
  expect(Math.max(...pauses)).toBeLessThan(60 / 4 + 1);
  expect(pauses.length).toBeLessThan(50);
});

test("a halt does not use a reservation up: the deposit goes on when the service accepts again", async () => {
  tiny.control.depositSeconds = 120;
  away(400, /PUT .*parts\/1/, halt);
  const { result, seconds } = await passing(client.protect(textSecret(long), once));
  expect(seconds).toBeGreaterThan(400);
  expect(textOf((await client.open((result as Protected).link)).secret)).toBe(long);
});

test("after a halt, a reader whom nothing answers gives up when the lease as last told is over", async () => {
  const { link } = await made();
  let halts = 5;
  away(9_999, /POST .*parts\/1/, (response) => (halts-- > 0 ? halt(response) : hangUp(response)));
  const steps: { code: string; at: number }[] = [];
  const work = client.open(link, {
    onProgress: (step) => step.step === "waiting" && steps.push({ ...step, at: performance.now() / 1000 }),
  });
  const { result, seconds } = await passing(work);
  expect(result).toMatchObject({ code: "offline", leaseEnds: expect.stringMatching(/Z$/) });
  const lastHalt = steps.findLast(({ code }) => code === "halted")?.at ?? Number.NaN;
  const began = performance.now() / 1000 - seconds;
  expect(seconds - (lastHalt - began)).toBeGreaterThan(55);
  expect(seconds - (lastHalt - began)).toBeLessThan(62);
});

test("a service that is halted before anything was read says so at once", async () => {
  const { link } = await made();
  away(600, /open$/, halt);
  const opener = client.opener(link);
  const { result, seconds } = await passing(opener.open());
  expect(result).toMatchObject({ code: "halted" });
  expect(result).not.toHaveProperty("unanswered");
  expect(seconds).toBeLessThan(5);
  expect([opener.leaseEnds, opener.unanswered]).toEqual([null, false]);
});

test("a deposit that outlasts its reservation is told as one that took too long", async () => {
  tiny.control.fault = ({ method, url }, response) => {
    if (!/PUT .*parts\/1|DELETE/.test(`${method} ${url}`)) return "serve";
    response.writeHead(404).end(JSON.stringify({ code: "not_found" }));
    return "answered";
  };
  const steps: ProtectProgress[] = [];
  const work = client.protect(textSecret(long), { ...once, onProgress: (step) => steps.push(step) });
  expect((await passing(work)).result).toMatchObject({ code: "timeout" });
  // Nothing is there any more, which is what was asked for.
  expect(steps.at(-1)).toEqual({ step: "withdrawn", confirmed: true });
});
