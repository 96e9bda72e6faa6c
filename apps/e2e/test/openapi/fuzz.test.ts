import { until } from "@mayfly/lab/until";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forgetHeartbeat } from "../../src/forget-heartbeat.ts";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { isReady, type Service, startService } from "../../src/service.ts";
import { type Answer, exchange } from "./fuzz/connection.ts";
import { describedBy } from "./fuzz/description.ts";
import { fuzzed } from "./fuzz/fuzzed-service.ts";
import { Judge } from "./fuzz/judge.ts";
import type { Request } from "./fuzz/request.ts";
import { DAMAGED, ELSEWHERE, type Fuzzed, fuzz } from "./fuzz/run.ts";
import { report } from "./fuzz/table.ts";

/** Over each store: ten thousand in all. `pnpm --filter @mayfly/e2e fuzz` asks so many of each. */
const REQUESTS = 5_000;
/** The same plan in every run: a failure is the change's. `pnpm --filter @mayfly/e2e fuzz` draws another each time. */
const SEED = 1;

describe.each(keepings)("a service over %s", (kind) => {
  test(`answers ${REQUESTS} requests made of its own description as described`, {
    timeout: 600_000,
  }, async () => {
    const { result, aftermath } = await fuzzed(kind, { requests: REQUESTS, seed: SEED });
    console.log([`seed ${SEED}, ${kind}`, ...report(result)].join("\n"));
    expect(result.faults).toEqual([]);
    expect(aftermath.faults).toEqual([]);
    expect(result.requests).toBeGreaterThanOrEqual(REQUESTS);
  });
});

describe("the fuzzer", { timeout: 240_000 }, () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService(await startKeeping("sqlite"), { env: { MAYFLY_PART_BYTES: "65536" } });
  });
  afterAll(() => service?.stop());

  test("gets every success that is described, and asks beside it", async () => {
    const { operations } = await describedBy(service.origin);
    const { counts } = await fuzz({ origin: service.origin, requests: 1500, seed: SEED });
    const described = operations.flatMap(({ name, answers }) =>
      [...answers.keys()].filter((status) => status < 300).map((status) => `${name} ${status}`),
    );
    const seen = [...counts].flatMap(([name, row]) => [...row.keys()].map((status) => `${name} ${status}`));
    expect(described.filter((success) => !seen.includes(success))).toEqual([]);
    expect(seen).toEqual(expect.arrayContaining([`${DAMAGED} 400`, `${ELSEWHERE} 404`, `${ELSEWHERE} 405`]));
  });

  test("asks the same with the same seed", async () => {
    const asked = async () => {
      const requests: string[] = [];
      await fuzz({
        origin: service.origin,
        requests: 1,
        seed: 7,
        // Ids are the service's.
        exchange: (port, bytes, options) => {
          requests.push(bytes.toString("latin1").replaceAll(/secrets\/[\w-]{22}/g, "secrets/ID"));
          return exchange(port, bytes, options);
        },
      });
      return requests.sort();
    };
    expect(await asked()).toEqual(await asked());
  });

  const json = (answer: Answer, change: (value: Record<string, unknown>) => unknown): Answer => {
    const body = Buffer.from(JSON.stringify(change(JSON.parse(answer.body.toString()))));
    return { ...answer, body, headers: new Map(answer.headers).set("content-length", String(body.length)) };
  };
  const headed = (answer: Answer, change: (headers: Map<string, string>) => void): Answer => {
    const headers = new Map(answer.headers);
    change(headers);
    return { ...answer, headers };
  };
  /** Of which answers, and what is made of them. */
  const lies: [
    string,
    string,
    (target: string, answer: Answer) => boolean,
    (answer: Answer, target: string) => Answer,
  ][] = [
    [
      "a field too many",
      "schema refuses",
      (target, { status }) => status === 200 && target.endsWith("/status"),
      (answer) => json(answer, (value) => ({ ...value, opens: 0 })),
    ],
    [
      "a number as text",
      "schema refuses",
      (target, { status }) => status === 200 && target.endsWith("/status"),
      (answer) => json(answer, (value) => ({ ...value, readsLeft: String(value.readsLeft) })),
    ],
    [
      "a time without milliseconds",
      "schema refuses",
      (target, { status }) => status === 201 && target === "/api/v1/secrets",
      (answer) => json(answer, (value) => ({ ...value, depositBy: "2026-01-05T09:10:00Z" })),
    ],
    [
      "a code of another status",
      "with a code that it does not declare",
      (_target, { status, body }) => status === 404 && body.length > 0,
      (answer) => json(answer, (value) => ({ ...value, code: "gone" })),
    ],
    [
      "another success",
      "does not declare 200",
      (target, { status }) => status === 201 && target === "/api/v1/secrets",
      (answer) => ({ ...answer, status: 200 }),
    ],
    [
      "a mistake of the service",
      "500",
      (_target, { status }) => status === 404,
      (answer) => ({ ...answer, status: 500 }),
    ],
    [
      "an error that no one declares",
      "does not declare 502",
      (_target, { status }) => status === 410,
      (answer) => ({ ...answer, status: 502 }),
    ],
    [
      "a problem that is called JSON",
      "which nobody declares",
      (_target, { status }) => status === 400,
      (answer) => headed(answer, (headers) => headers.set("content-type", "application/json")),
    ],
    [
      "an open without its lease",
      "without the declared mayfly-lease-ends",
      (target, { status }) => status === 200 && target.endsWith("/open"),
      (answer) => headed(answer, (headers) => headers.delete("mayfly-lease-ends")),
    ],
    [
      "no content policy",
      "without its content-security-policy",
      (_target, { status }) => status === 404,
      (answer) => headed(answer, (headers) => headers.delete("content-security-policy")),
    ],
    [
      "a name of the server",
      "with server, which nobody declares",
      (_target, { status }) => status === 415,
      (answer) => headed(answer, (headers) => headers.set("server", "any")),
    ],
    [
      "an echo",
      "repeats what was asked",
      (target, { status }) => status === 404 && /secrets\/[\w-]{22}/.test(target),
      (answer, target) => json(answer, (value) => ({ ...value, title: target })),
    ],
    [
      "a success for what was refused",
      "a success for a body that the description refuses",
      (target, { status }) => status === 400 && target.endsWith("/acknowledge"),
      (answer) => ({
        ...headed(answer, (headers) => headers.delete("content-type")),
        status: 204,
        body: Buffer.alloc(0),
      }),
    ],
    [
      "methods that the path does not have",
      "Allow lists other methods",
      (_target, { status }) => status === 405,
      (answer) => headed(answer, (headers) => headers.set("allow", "GET, POST, PATCH")),
    ],
  ];

  test.each(lies)("finds %s", async (_what, fault, isChosen, falsify) => {
    let told = 0;
    const { faults } = await fuzz({
      origin: service.origin,
      requests: 300,
      seed: SEED,
      exchange: async (port, bytes, options) => {
        const heard = await exchange(port, bytes, options);
        const target = bytes.toString("latin1").split(" ")[1] ?? "";
        const answers = heard.answers.map((answer) => {
          if (!isChosen(target, answer)) return answer;
          told += 1;
          return falsify(answer, target);
        });
        return { ...heard, answers };
      },
    });
    expect(told).toBeGreaterThan(0);
    expect(faults.map(({ what }) => what)).toContainEqual(expect.stringContaining(fault));
  });

  const usual: Answer = { status: 200, headers: new Map(), body: Buffer.alloc(0) };
  const page: Answer = {
    ...usual,
    headers: new Map([["content-type", "text/html"]]),
    body: Buffer.from("<!doctype html>"),
  };
  const judge = async () => new Judge(await describedBy(service.origin), usual, page);

  test("takes the page for a damaged line that no longer asks below /api/, and for no other", async () => {
    const own = await judge();
    const found = (line: string) =>
      own.faults(
        {
          ...{ method: "GET", target: "/api/v1/openapi.json", headers: [], body: null, isDamaged: true },
          bytes: Buffer.from(`${line}\r\nHost: 127.0.0.1\r\n\r\n`),
        },
        { ...page, status: 404 },
        new Set(),
      );
    expect(found("GET /av1/openapi.json HTTP/1.1")).toEqual([]);
    expect(found("GET /api/v1/openapi.jsn HTTP/1.1")).toContain("404 without a problem");
  });

  test("takes an empty body for none where the description leaves it optional, and nowhere else", async () => {
    const own = await judge();
    const id = "A".repeat(22);
    const asked = (name: string): Request => ({
      ...{ method: "POST", target: `/api/v1/secrets/${id}/${name}`, body: Buffer.alloc(0), isDamaged: false },
      ...{ headers: [["Content-Type", "application/json"]], bytes: Buffer.alloc(0) },
    });
    const fault = "a success for a body that the description refuses";
    const found = (name: string, status: number) =>
      own.faults(asked(name), { ...usual, status }, new Set([id]));
    expect(found("status", 200)).not.toContain(fault);
    expect(found("acknowledge", 204)).toContain(fault);
  });

  test("finds a connection that is answered twice, or not at all", async () => {
    const repeated = await fuzz({
      origin: service.origin,
      requests: 1,
      seed: SEED,
      exchange: async (...asked) => {
        const heard = await exchange(...asked);
        return { ...heard, answers: [...heard.answers, ...heard.answers] };
      },
    });
    expect(repeated.faults.map(({ what }) => what)).toContain("2 answers to one request");
    const silent = await fuzz({
      origin: service.origin,
      requests: 1,
      seed: SEED,
      exchange: async () => ({ answers: [], rest: Buffer.alloc(0) }),
    });
    expect(silent.faults.map(({ what }) => what)).toContain("0 answers to one request");
  });
});

test("a halted service answers as described, and does nothing but destroy and tell", {
  timeout: 240_000,
}, async () => {
  const keeping = await startKeeping("sqlite");
  const service = await startService(keeping);
  try {
    await service.worker.stop();
    forgetHeartbeat(keeping);
    await until("the service to halt", async () => !(await isReady(service.origin)));
    const halted: Fuzzed = await fuzz({ origin: service.origin, requests: 1000, seed: SEED });
    expect(halted.faults).toEqual([]);
    const statuses = (name: string) => [...(halted.counts.get(name)?.keys() ?? [])];
    for (const name of ["reserve", "deposit", "open", "part", "status"]) {
      expect(statuses(name)).toContain(503);
      expect(statuses(name).filter((status) => status < 300)).toEqual([]);
    }
    expect(statuses("service")).toContain(200);
  } finally {
    await service.stop();
  }
});
