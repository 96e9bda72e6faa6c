import { createHash } from "node:crypto";
import { request } from "node:http";
import { createClient, textOf, textSecret } from "@mayfly/client";
import { Hopeless, until } from "@mayfly/lab/until";
import { type RouteName, routePath, routes, type Service as ServiceAnswer } from "@mayfly/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepings, startKeeping } from "../src/keeping.ts";
import { newClaim, open, type Sending, type Shown, send, shownBy } from "../src/reader.ts";
import { isReady, type Service, startService, startWorker } from "../src/service.ts";
import { sideBySide } from "./side-by-side.ts";

/** Small, so that the test needs no hour; large enough to prepare secrets before it is over. */
const MAX_AGE_SECONDS = 15;
const MAX_AGE_MS = MAX_AGE_SECONDS * 1000;

const told = async (origin: string) => (await (await send(origin, "service")).json()) as ServiceAnswer;

sideBySide(keepings, "without its worker, a service over %s", (kind) => {
  let service: Service;
  /** What a route is asked with; the same at every API. */
  let requests: Partial<Record<RouteName, Sending>>;
  /** Requests at every API whose last byte is still to come. Calling one sends it, and answers the status. */
  let late: (() => Promise<[RouteName, number]>)[];
  let openLink: string;
  /** In the middle of an envelope of two parts when the halt begins. */
  let halfway: { readonly shown: Shown; readonly claim: string };
  let leaseEnds: number;
  let lastSweepAt: number;

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), {
      apis: 2,
      env: {
        MAYFLY_HEARTBEAT_MAX_AGE_SECONDS: String(MAX_AGE_SECONDS),
        MAYFLY_LEASE_SECONDS: String(MAX_AGE_SECONDS),
        MAYFLY_PART_BYTES: "65536",
      },
    });
    const client = createClient({ server: service.origin });
    const protect = (text: string) => client.protect(textSecret(text), { lifetime: 300, reads: 1 });
    const long = "x".repeat(70_000);
    const [kept, burned, claimed, cut] = await Promise.all(
      ["kept", "x", long, long].map((text) => protect(text)),
    );
    if (!kept || !burned || !claimed || !cut) throw new Error("unreachable");
    openLink = kept.link;
    const [reader, holder, owner, shown] = await Promise.all(
      [kept.link, claimed.link, burned.manageLink, cut.link].map((link) => shownBy(link)),
    );
    const claim = newClaim();
    if (!reader || !holder || !owner || !shown) throw new Error("unreachable");
    halfway = { shown, claim: newClaim() };
    for (const [who, claimed] of [
      [holder, claim],
      [shown, halfway.claim],
    ] as const)
      expect((await open(service.origin, who, claimed)).status).toBe(200);
    const { linkProof } = reader;
    // Id and token are checked before the body, so that only a rightful deposit is still under way when the halt begins.
    const bearer = newClaim();
    const answer = await send(service.origin, "reserve", { json: reservation(bearer) });
    const { id: reserved } = (await answer.json()) as { id: string };
    requests = {
      reserve: { json: reservation() },
      deposit: { id: reserved, part: 0, bytes: envelopeLike(), bearer },
      open: { id: reader.id, json: { linkProof, claim: newClaim() } },
      status: { id: reader.id, json: { linkProof } },
      part: { id: holder.id, part: 1, json: { claim } },
      acknowledge: { id: holder.id, json: { claim } },
      burn: { id: owner.id, bearer: owner.token },
    };
    late = await Promise.all(
      service.apis.flatMap(({ origin }) =>
        (["reserve", "deposit", "open", "part", "status"] as const).map((route) =>
          begin(origin, route, requests[route] ?? {}),
        ),
      ),
    );
    lastSweepAt = Date.parse((await told(service.origin)).maintenance.lastSweepAt ?? "");
    service.worker.kill("SIGKILL");
    expect(await service.worker.ended).toBe("SIGKILL");
  });
  afterAll(() => service?.stop());

  const ask = async (origin: string, route: RouteName) => {
    const answer = await send(origin, route, requests[route]);
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      code: answer.ok ? undefined : JSON.parse(text).code,
    };
  };

  const further = (origin: string) =>
    send(origin, "part", { id: halfway.shown.id, part: 1, json: { claim: halfway.claim } });

  test("works until the sweep is too old, and answers no request that comes later, in every process", async () => {
    await Promise.all(
      service.apis.map(async ({ origin }) => {
        let lastSentAt = 0;
        const look = async () => {
          // Each part fetched renews the lease, so that the claim outlives the beginning of the halt.
          await ask(origin, "part");
          const part = await further(origin);
          if (part.ok) leaseEnds = Date.parse(part.headers.get("Mayfly-Lease-Ends") ?? "");
          await part.arrayBuffer();
          const sentAt = Date.now();
          const { status, code } = await ask(origin, "status");
          if (code === "halted") return Date.now();
          if (status !== 200 && code !== "unavailable") throw new Hopeless(`answered ${status}`);
          if (status === 200) lastSentAt = sentAt;
          return null;
        };
        const at = await until("the halt", look, 50_000);
        // Never early: before the age is reached, there is an answer. However slow the machine, none is given to what comes later.
        expect(at - lastSweepAt).toBeGreaterThanOrEqual(MAX_AGE_MS - 50);
        expect(lastSentAt).toBeGreaterThan(lastSweepAt);
        expect(lastSentAt - lastSweepAt).toBeLessThanOrEqual(MAX_AGE_MS + 50);
      }),
    );
  });

  test("answers 503 wherever something could be kept, read or learnt, and says when to come again", async () => {
    for (const { origin } of service.apis) {
      for (const route of ["reserve", "deposit", "open", "part", "status"] as const) {
        const { status, code, headers } = await until(
          "another answer than that of an overloaded service",
          async () => {
            const answer = await ask(origin, route);
            return answer.code !== "unavailable" && answer;
          },
        );
        expect([route, status, code]).toEqual([route, 503, "halted"]);
        expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
        expect(headers.get("Cache-Control")).toBe("no-store");
      }
      expect(await told(origin)).toMatchObject({ state: "halted" });
    }
  });

  test("answers 503 to a request that began before the halt and ends in it", async () => {
    for (const finish of late) {
      const [route, status] = await finish();
      expect([route, status]).toEqual([route, 503]);
    }
  });

  test("still burns and acknowledges, which only destroy", async () => {
    expect(await service.keeping.parts()).toBe(6);
    const [first, second] = service.apis.map(({ origin }) => origin) as [string, string];
    expect((await ask(first, "burn")).status).toBe(204);
    expect((await ask(second, "acknowledge")).status).toBe(204);
    expect(await service.keeping.parts()).toBe(3);
  });

  test("ends no lease that the halt cut off", async () => {
    await until("the lease to pass", async () => Date.now() > leaseEnds + 1_000, 50_000);
    expect((await further(service.origin)).status).toBe(503);
    expect(await service.keeping.parts()).toBe(3);
  });

  test("is alive, not ready, and serves its page", async () => {
    for (const { origin } of service.apis) {
      const statuses = await Promise.all(
        ["/livez", "/readyz", "/", "/s", "/m"].map(async (path) => (await fetch(origin + path)).status),
      );
      expect(statuses).toEqual([200, 503, 200, 200, 200]);
    }
  });

  test("opens again with the first good sweep, without a restart", async () => {
    const pids = service.apis.map(({ running }) => running.pid);
    service.worker = startWorker(service.keeping, service.env);
    for (const { origin } of service.apis) await until("the service to open", () => isReady(origin));
    const sweptAt = Date.parse((await told(service.origin)).maintenance.lastSweepAt ?? "");
    expect(sweptAt).toBeGreaterThan(lastSweepAt);
    for (const { origin } of service.apis) {
      expect((await ask(origin, "status")).status).toBe(200);
      expect((await ask(origin, "reserve")).status).toBe(201);
    }
    expect(service.apis.map(({ running }) => [running.pid, running.over])).toEqual(
      pids.map((pid) => [pid, false]),
    );
    // The reader in the middle goes on where the halt cut it off, and nobody else reads.
    expect((await open(service.origin, halfway.shown, newClaim())).status).toBe(410);
    const part = await further(service.origin);
    expect(part.status).toBe(200);
    expect(Date.parse(part.headers.get("Mayfly-Lease-Ends") ?? "")).toBeGreaterThan(Date.now());
    expect((await part.arrayBuffer()).byteLength).toBeGreaterThan(0);
    const acknowledged = { id: halfway.shown.id, json: { claim: halfway.claim } };
    expect((await send(service.origin, "acknowledge", acknowledged)).status).toBe(204);
    expect((await open(service.origin, halfway.shown, halfway.claim)).status).toBe(410);
    expect(await service.keeping.parts()).toBe(1);
    // What was asked for during the halt changed nothing.
    const read = await createClient({ server: service.origin }).open(openLink);
    expect([textOf(read.secret), read.readsLeft]).toEqual(["kept", 0]);
  });
});

/** Sends a request but for its last byte; waits for the 100 that shows that its headers were taken. */
function begin(
  origin: string,
  route: RouteName,
  { id = "", part = 0, json, bytes, bearer }: Sending,
): Promise<() => Promise<[RouteName, number]>> {
  const body = Buffer.from(bytes ?? JSON.stringify(json));
  const sent = request(origin + routePath(route, { id, part }), {
    method: routes[route].method,
    headers: {
      expect: "100-continue",
      "content-length": body.length,
      "content-type": bytes ? "application/octet-stream" : "application/json",
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
  });
  const answered = new Promise<[RouteName, number]>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve([route, answer.statusCode ?? 0]));
    });
  });
  answered.catch(() => {});
  sent.flushHeaders();
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("continue", () => {
      sent.write(body.subarray(0, -1));
      resolve(() => {
        sent.end(body.subarray(-1));
        return answered;
      });
    });
  });
}

function reservation(manageToken = newClaim()) {
  const manage = createHash("sha256").update(manageToken, "base64url").digest("base64url");
  return { lifetime: 300, reads: 1, bytes: 334, verifiers: { link: newClaim(), manage } };
}

function envelopeLike(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(334);
  bytes.set([0x4d, 0x46, 0x4c, 0x59, 1]);
  return bytes;
}
