import { mkdtempSync, rmSync } from "node:fs";
import { type ClientRequest, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type RouteName, routePath, routes } from "@mayfly/wire";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

/** A millisecond later than the last that is still in time. */
const HALT_MS = 75 * 60_000 + 1;
const JSON_TYPE = { "content-type": "application/json" };

interface Asked {
  readonly route: RouteName;
  readonly id?: string;
  readonly part?: number;
  readonly headers?: Record<string, string>;
  readonly body: Buffer;
}

/** A request whose headers the service has and whose body it has not. */
interface Begun {
  readonly asked: Asked;
  /** Sends what is missing; the status and the problem's code. */
  finish(): Promise<[RouteName, number, string | undefined]>;
}

const folder = mkdtempSync(join(tmpdir(), "mayfly-late-"));
let service: RunningService;
beforeEach(async () => {
  rmSync(folder, { recursive: true });
  service = await runService({ environment: { DATA_DIR: folder, MAYFLY_MARK_DIR: `${folder}/mark` } });
});
afterEach(() => service.close());
afterAll(() => rmSync(folder, { recursive: true }));

/** Sends the headers, and of the body all but `late` bytes; waits for the 100 that shows that the headers were taken. */
function begin(asked: Asked, late: number, chunked: boolean): Promise<Begun> {
  const { route, id, part, headers, body } = asked;
  const sent: ClientRequest = request({
    port: service.port,
    host: "127.0.0.1",
    method: routes[route].method,
    path: routePath(route, { ...(id !== undefined && { id }), ...(part !== undefined && { part }) }),
    headers: {
      ...headers,
      expect: "100-continue",
      ...(chunked ? { "transfer-encoding": "chunked" } : { "content-length": String(body.length) }),
    },
  });
  const answered = new Promise<[RouteName, number, string | undefined]>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () =>
        resolve([route, answer.statusCode ?? 0, text ? JSON.parse(text).code : undefined]),
      );
    });
  });
  sent.flushHeaders();
  return new Promise((resolve) => {
    sent.on("continue", () => {
      const early = body.subarray(0, body.length - late);
      if (early.length > 0) sent.write(early);
      const finish = () => {
        sent.end(body.subarray(body.length - late));
        return answered;
      };
      resolve({ asked, finish });
    });
  });
}

/** One request of every route that takes a body, each of which the service would serve. */
async function askable(): Promise<Asked[]> {
  const calls = callsTo(service.url);
  const json = (value: unknown) => ({ headers: JSON_TYPE, body: Buffer.from(JSON.stringify(value)) });
  const [unread, held, coming] = [sampleSecret(), sampleSecret(), sampleSecret()];
  const reservation = {
    lifetime: 2_592_000,
    reads: 1,
    bytes: coming.envelope.length,
    verifiers: coming.verifiers,
  };
  const { id: reserved } = (await (await calls.reserve(reservation)).json()) as { id: string };
  const kept = await calls.protect(unread, { lifetime: 2_592_000, passphrase: true });
  const read = await calls.protect(held, { lifetime: 2_592_000 });
  const claim = randomText(32);
  expect((await calls.open(read, { linkProof: held.linkProof, claim })).status).toBe(200);
  const { linkProof, passphraseProof } = unread;
  const open = { linkProof, claim: randomText(32) };
  return [
    { route: "reserve", ...json(reservation) },
    {
      route: "deposit",
      id: reserved,
      part: 0,
      headers: {
        "content-type": "application/octet-stream",
        authorization: `Bearer ${coming.manageToken}`,
      },
      body: coming.envelope,
    },
    { route: "open", id: kept, ...json({ ...open, passphraseProof }) },
    // It would cost an attempt.
    { route: "open", id: kept, ...json({ ...open, passphraseProof: randomText(32) }) },
    { route: "part", id: read, part: 0, ...json({ claim }) },
    { route: "status", id: kept, ...json({ linkProof }) },
    { route: "acknowledge", id: read, ...json({ claim }) },
  ];
}

/** Everything in the store but how late it is. */
function contents(): Record<string, unknown[]> {
  const db = new DatabaseSync(join(folder, "mayfly.db"), { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    return Object.fromEntries(
      tables.map(({ name }) => [
        name,
        db
          .prepare(`SELECT * FROM ${name}`)
          .all()
          .map(({ mark: _, ...row }) => row),
      ]),
    );
  } finally {
    db.close();
  }
}

const passings = [
  ["75 minutes pass", () => service.clock.advance(HALT_MS)],
  ["the machine sleeps for 75 minutes", () => service.clock.sleep(HALT_MS)],
] as const;
const framings = [
  ["of a known length", false],
  ["in chunks", true],
] as const;
const latenesses = [
  ["the last byte", () => 1],
  ["the whole body", ({ body }: Asked) => body.length],
] as const;

describe.each(passings)("while %s between a request's headers and its end", (_time, pass) => {
  describe.each(framings)("with bodies %s", (_framing, chunked) => {
    test.each(latenesses)("halts what only then gets %s, and changes nothing", async (_late, late) => {
      const all = await askable();
      await service.guard.look();
      const begun = await Promise.all(all.map((asked) => begin(asked, late(asked), chunked)));
      const before = contents();
      pass();
      const isHalting = ({ asked }: Begun) => !routes[asked.route].whileHalted;
      const refused = begun.filter(isHalting);
      expect(await Promise.all(refused.map((each) => each.finish()))).toEqual(
        refused.map(({ asked }) => [asked.route, 503, "halted"]),
      );
      expect(contents()).toEqual(before);

      const served = begun.filter((each) => !isHalting(each));
      expect(await Promise.all(served.map((each) => each.finish()))).toEqual([
        ["acknowledge", 204, undefined],
      ]);
      expect(contents()).not.toEqual(before);
    });
  });
});

test("has a late request for every route that takes a body and that a halt stops", async () => {
  const asked = new Set((await askable()).map(({ route }) => route));
  const wanted = (Object.keys(routes) as RouteName[]).filter((name) => !routes[name].whileHalted);
  expect(wanted.filter((name) => !asked.has(name))).toEqual([]);
});
