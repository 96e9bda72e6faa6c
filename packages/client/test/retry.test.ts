import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Client, createClient, type ProtectProgress, textOf, textSecret } from "../src/index.ts";
import { passing } from "./passing.ts";
import { startTinyService } from "./tiny-service.ts";

// The service and its sockets are real; the client's clock is ours.
const tiny = await startTinyService(256);
const client = createClient({ server: tiny.origin });
const once = { lifetime: 3600, reads: 1 as const };

afterAll(() => tiny.stop());
beforeEach(() => {
  tiny.reset();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => vi.useRealTimers());

const long = "x".repeat(700);
const swallow = (count: number, match: RegExp) => {
  let left = count;
  tiny.control.fault = ({ method, url }) =>
    match.test(`${method} ${url}`) && left-- > 0 ? "silent_after" : "serve";
};

test("a lost response is retried within the lease: two in a row take less than half of it", async () => {
  const { link } = (await passing(client.protect(textSecret("mine"), once))).result as { link: string };
  swallow(2, /open$/);
  const { result, seconds } = await passing(client.open(link));
  expect(textOf((result as Awaited<ReturnType<Client["open"]>>).secret)).toBe("mine");
  expect(seconds).toBeGreaterThan(15);
  expect(seconds).toBeLessThan(30);
});

test("an opener without any response fails when the usual lease and the last timeout are over", async () => {
  const { link } = (await passing(client.protect(textSecret("mine"), once))).result as { link: string };
  swallow(99, /open$/);
  const { result, seconds } = await passing(client.open(link));
  expect(result).toMatchObject({ code: "offline", unanswered: true });
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThan(70);
});

test("a body that stalls is requested again, and a slow one is not", async () => {
  const { link } = (await passing(client.protect(textSecret(long), once))).result as { link: string };
  let stalls = 1;
  tiny.control.fault = ({ url }, response) => {
    if (!/parts\/1$/.test(url)) return "serve";
    const secret = [...tiny.kept.values()].at(-1);
    const part = secret?.parts[1] as Buffer;
    const ends = new Date(Date.now() + 60_000).toISOString();
    response.writeHead(200, { "Mayfly-Lease-Ends": ends });
    if (stalls-- > 0) response.write(part.subarray(0, 9));
    else {
      // Longer in all than any silence may last.
      const drip = (at: number, turns: number): void => {
        if (at === part.length) return void response.end();
        if (turns % 20 === 0) response.write(part.subarray(at, at + 1));
        setImmediate(() => drip(turns % 20 === 0 ? at + 1 : at, turns + 1));
      };
      drip(0, 0);
    }
    return "answered";
  };
  const { result, seconds } = await passing(client.open(link));
  expect(textOf((result as Awaited<ReturnType<Client["open"]>>).secret)).toBe(long);
  expect(seconds).toBeGreaterThan(25);
});

test("a transient refusal in the middle of a download is retried while the lease lasts", async () => {
  const { link } = (await passing(client.protect(textSecret(long), once))).result as { link: string };
  const refusing = (seconds: number) => {
    let left = 1;
    tiny.control.fault = ({ method, url }, response) => {
      if (method !== "POST" || !/parts\/1$/.test(url) || left-- <= 0) return "serve";
      response.writeHead(429, { "Retry-After": seconds }).end(JSON.stringify({ code: "rate_limited" }));
      return "answered";
    };
  };
  const opener = client.opener(link);
  refusing(59);
  tiny.control.leaseSeconds = 30;
  const told = await passing(opener.open());
  expect(told.result).toMatchObject({ code: "rate_limited", retryAfter: 59 });
  expect(told.seconds).toBeLessThan(5);
  refusing(50);
  tiny.control.leaseSeconds = 60;
  const { result, seconds } = await passing(opener.open());
  expect(textOf((result as Awaited<ReturnType<Client["open"]>>).secret)).toBe(long);
  expect(seconds).toBeGreaterThanOrEqual(50);
});

test("a deposit waits for a whole rate-limit window, and gives a slow line time to send", async () => {
  let left = 1;
  tiny.control.fault = ({ method }, response) => {
    if (method !== "PUT" || left-- <= 0) return "serve";
    response.writeHead(429, { "Retry-After": 60 }).end(JSON.stringify({ code: "rate_limited" }));
    return "answered";
  };
  const limited = await passing(client.protect(textSecret("a"), once));
  expect(limited.result).toHaveProperty("link");
  expect(limited.seconds).toBeGreaterThanOrEqual(60);

  const steps: ProtectProgress[] = [];
  swallow(1, /PUT/);
  const slow = await passing(
    client.protect(textSecret("a"), { ...once, onProgress: (step) => steps.push(step) }),
  );
  expect(slow.result).toHaveProperty("link");
  expect(slow.seconds).toBeGreaterThan(100);
});
