import { afterAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createClient, type ProtectProgress, textOf, textSecret } from "../src/index.ts";
import { failure } from "./failure.ts";
import { problem, times } from "./faults.ts";
import { passing } from "./passing.ts";
import { startTinyService } from "./tiny-service.ts";

const tiny = await startTinyService();
const client = createClient({ server: tiny.origin });
const once = { lifetime: 3600, reads: 1 as const };
afterAll(() => tiny.stop());
beforeEach(() => tiny.reset());

test("the links are told while the envelope is still on its way", async () => {
  const steps: ProtectProgress[] = [];
  const { link } = await client.protect(textSecret("x"), { ...once, onProgress: (step) => steps.push(step) });
  expect(steps.map(({ step }) => step)).toEqual(["reserving", "sealing", "storing", "storing"]);
  expect(steps[2]).toMatchObject({ link, deposited: 0, parts: 1 });
});

test("a deposit whose answer was lost is sent again, and 503 is waited for", async () => {
  tiny.control.fault = times(1, /PUT/, () => "drop_after");
  const first = await client.protect(textSecret("a"), once);
  expect(textOf((await client.open(first.link)).secret)).toBe("a");
  tiny.control.fault = times(1, /PUT/, problem(503, { code: "unavailable" }, { "Retry-After": "1" }));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { result, seconds } = await passing(client.protect(textSecret("b"), once));
  expect(result).toHaveProperty("link");
  expect(seconds).toBeGreaterThanOrEqual(1);
});

test("a reservation is asked for again while the service is busy, and not when it is full", async () => {
  const reserve = /POST .*\/secrets$/;
  const asked = () => tiny.seen.filter(({ method, url }) => reserve.test(`${method} ${url}`)).length;
  tiny.control.fault = times(2, reserve, problem(503, { code: "unavailable" }));
  const { link } = await client.protect(textSecret("x"), once);
  expect(textOf((await client.open(link)).secret)).toBe("x");
  expect(asked()).toBe(3);
  tiny.control.fault = times(1, reserve, problem(507, { code: "store_full" }));
  expect((await failure(client.protect(textSecret("x"), once))).code).toBe("store_full");
  expect(asked()).toBe(4);
});

test("a deposit that is refused gives the reservation back and leaves no link", async () => {
  tiny.control.fault = times(1, /PUT/, problem(507, { code: "store_full" }, { "Retry-After": "9" }));
  expect(await failure(client.protect(textSecret("a"), once))).toMatchObject({
    code: "store_full",
    retryAfter: 9,
  });
  expect(tiny.seen.at(-1)?.method).toBe("DELETE");
  expect([...tiny.kept.values()].at(-1)?.burned).toBe(true);
});

test("protecting can be given up: the signal's reason comes out and the reservation is given back", async () => {
  const stop = new AbortController();
  tiny.control.fault = times(9, /PUT/, problem(503, { code: "unavailable" }, { "Retry-After": "20" }));
  const work = failure(client.protect(textSecret("a"), { ...once, signal: stop.signal }));
  await vi.waitFor(() => expect(tiny.seen.some(({ method }) => method === "PUT")).toBe(true), 20_000);
  stop.abort(new Error("enough"));
  expect(await work).toMatchObject({ message: "enough" });
  expect(tiny.seen.at(-1)?.method).toBe("DELETE");
});

test("a service that keeps asking for the same part is not answered for ever", async () => {
  tiny.control.fault = times(99, /PUT/, problem(200, { state: "reserved", missing: [[0, 0]] }));
  expect(await failure(client.protect(textSecret("a"), once))).toMatchObject({ code: "bad_answer" });
});

test("a reservation whose id or parts are not right is refused before anything is deposited", async () => {
  const right = {
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    parts: 1,
    partBytes: 1_048_576,
    depositBy: "2030-01-01T00:00:00.000Z",
  };
  for (const wrong of [
    { id: "AAAAAAAAAAAAAAAAAAAAAB" },
    { id: "../../../../../../../x" },
    { parts: 2 },
    { depositBy: 1 },
  ]) {
    tiny.control.fault = times(1, /POST/, problem(201, { ...right, ...wrong }));
    expect(await failure(client.protect(textSecret("a"), once))).toMatchObject({ code: "bad_answer" });
    expect(tiny.seen.at(-1)?.method).toBe("POST");
  }
});
