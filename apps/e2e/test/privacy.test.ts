import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { createClient, textSecret } from "@mayfly/client";
import { until } from "@mayfly/lab/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepings, startKeeping } from "../src/keeping.ts";
import { insist, newClaim, open, type Shown, send, shownBy } from "../src/reader.ts";
import { isReady, type Service, startApi, startService, startWorker } from "../src/service.ts";
import { sightings } from "../src/sightings.ts";
import { sideBySide } from "./side-by-side.ts";

const address = "198.51.100.77";
const agent = "canary-agent-5d1c0f/1.0";
const passphrase = "canary words 77b1e9 spoken";
const text = "canary text 0a4be2 written";
const strange = { "User-Agent": agent, "X-Forwarded-For": address, Forwarded: `for=${address}` };

sideBySide(keepings, "a service over %s, asked in every wrong way", (kind) => {
  let service: Service;
  let shown: Shown;
  let manage: Shown;
  /** What must be nowhere, by what it is. */
  const canaries = new Map<string, Uint8Array>();
  const seen = new Set<string>();
  const cookies: (string | null)[] = [];

  const note = (name: string, words: string) => canaries.set(name, Buffer.from(words, "base64url"));
  async function record(answering: Promise<Response>): Promise<Response> {
    const answer = await answering;
    const body = await answer.clone().text();
    const code = answer.headers.get("content-type")?.includes("problem") ? JSON.parse(body).code : "";
    // An overloaded service may say so at any time.
    if (code !== "unavailable") seen.add(`${answer.status}${code ? ` ${code}` : ""}`);
    cookies.push(answer.headers.get("set-cookie"));
    expect(body.includes("canary")).toBe(false);
    return answer;
  }

  beforeAll(async () => {
    const keeping = await startKeeping(kind);
    // Halted: an API that no worker has ever swept for.
    const halted = await startApi(keeping);
    await record(send(halted.origin, "reserve", { json: reservation(), headers: strange }));
    await halted.running.stop();

    service = await startService(keeping, { env: { MAYFLY_RATE_LIMITS: "on" } });
    const client = createClient({ server: service.origin });
    const made = await client.protect(textSecret(text), { lifetime: 300, reads: 1, passphrase });
    shown = await shownBy(made.link, passphrase);
    manage = await shownBy(made.manageLink);
    canaries.set("token", shown.code.secret);
    canaries.set("manage seed", manage.code.secret);
    note("manage token", manage.token);
    canaries.set("text", Buffer.from(text));
    canaries.set("passphrase", Buffer.from(passphrase));
    canaries.set("user agent", Buffer.from(agent));
    canaries.set("address", Buffer.from(address));
    note("link proof", shown.linkProof);
    note("passphrase proof", shown.passphraseProof ?? "");
  });
  afterAll(() => service?.stop());

  test("gives each class of error, and a cookie never", async () => {
    const { origin } = service;
    const { id, linkProof } = shown;
    const headers = strange;
    const claim = newClaim();
    note("claim", claim);
    const wrongProof = newClaim();
    note("wrong passphrase proof", wrongProof);
    const ask = (...[route, sending]: Parameters<typeof send> extends [string, ...infer R] ? R : never) =>
      insist(() => record(send(origin, route, { headers, ...sending })));

    await ask("open", { id, json: { linkProof, claim, extra: linkProof } });
    await ask("open", { id, json: linkProof });
    await ask("open", { id: shown.token, json: { linkProof, claim } });
    await ask("open", { id, json: { linkProof: newClaim(), claim } });
    await ask("open", { id, json: { linkProof, claim } });
    await ask("open", { id, json: { linkProof, passphraseProof: wrongProof, claim } });
    await ask("reserve", { json: reservation(), headers: { ...headers, Origin: `https://${agent}` } });
    await ask("reserve", {
      json: { ...reservation(), lifetime: 1, verifiers: { link: linkProof, manage: shown.token } },
    });
    await ask("reserve", { json: { ...reservation(), junk: shown.token.repeat(150) } });
    await ask("reserve", { json: reservation(), headers: { ...headers, "Content-Type": `text/${agent}` } });
    await ask("burn", { id, bearer: newClaim() });
    await ask("burn", { id, bearer: `${manage.token}=` });
    await ask("deposit", { id, part: 0, bytes: envelopeLike(400), bearer: manage.token });
    await ask("deposit", { id, part: 0, bytes: envelopeLike(334), bearer: manage.token });
    for (const path of [
      `/s%23${shown.token}`,
      `/%23${shown.token}`,
      `/api/v1/${shown.token}`,
      `/%zz${shown.token}`,
      `/s?x=${shown.token}`,
    ])
      await record(fetch(origin + path, { headers }));
    await record(fetch(`${origin}/api/v1/secrets`, { method: "PATCH", headers, body: shown.token }));
    await tooManyHeaders(origin, shown.token);

    const read = await insist(() => record(open(origin, shown, claim)));
    expect(read.status).toBe(200);
    await ask("acknowledge", { id, json: { claim } });
    await insist(() => record(open(origin, shown, newClaim())));
    // One address may reserve so often in a minute, and no more.
    await until("the rate limit", async () => (await ask("reserve", { json: reservation() })).status === 429);

    expect([...seen].sort()).toEqual(
      [
        "200",
        "201",
        "204",
        "400 invalid_request",
        "401 unauthorized",
        "403 cross_site",
        "403 passphrase_required",
        "403 wrong_passphrase",
        "404",
        "404 not_found",
        "405 method_not_allowed",
        "409 conflict",
        "410 gone",
        "413 too_large",
        "415 unsupported_media_type",
        "429 rate_limited",
        "503 halted",
      ].sort(),
    );
    expect(cookies.filter((cookie) => cookie !== null)).toEqual([]);
  });

  test("says nothing of it in any output, and keeps nothing of it in any file", async () => {
    service.worker.kill("SIGTERM");
    await service.worker.ended;
    const first = service.worker;
    service.worker = startWorker(service.keeping, service.env);
    await until("another sweep", () => service.worker.output.includes("sweep_complete"));
    expect(await isReady(service.origin)).toBe(true);

    const places = await service.keeping.remains();
    places.set("output", Buffer.from(first.output + service.output()));
    const where = [...places.keys()].join(" ");
    expect(where).toMatch(kind === "sqlite" ? /mayfly\.db/ : /dump\.rdb/);
    const found = [...canaries].flatMap(([what, bytes]) =>
      [...places].flatMap(([place, content]) =>
        sightings(content, bytes).map((how) => `${what} in ${place}: ${how}`),
      ),
    );
    expect(found).toEqual([]);
    // The search itself sees what lies there openly.
    const reference = [...places].filter(([, content]) => content.includes(shown.id));
    expect(reference.length).toBeGreaterThan(0);
  });

  test("answers 503 without its store, and even then says nothing of what it was asked", async () => {
    const [api] = service.apis;
    if (api === undefined) throw new Error("unreachable");
    const before = api.running.output.length;
    await service.keeping.lose();
    const claim = newClaim();
    note("late claim", claim);
    await until("the loss to be noticed", async () => {
      const answer = await send(service.origin, "open", {
        id: shown.id,
        json: { linkProof: shown.linkProof, claim },
        headers: strange,
      });
      expect(await answer.text()).not.toContain("canary");
      return answer.status === 503;
    });
    await until("the log to say so", () => /store_unavailable|halted/.test(api.running.output.slice(before)));
    expect(api.running.over).toBe(false);
    // Output comes through pipes, late: it is whole when the programs have ended.
    await Promise.all([api.running.stop(), service.worker.stop()]);
    const said = Buffer.from(service.output());
    const found = [...canaries].flatMap(([what, bytes]) =>
      sightings(said, bytes).map((how) => `${what}: ${how}`),
    );
    expect(found).toEqual([]);
  });
});

function reservation() {
  return { lifetime: 300, reads: 1, bytes: 334, verifiers: { link: newClaim(), manage: newClaim() } };
}

function envelopeLike(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set(randomBytes(length));
  bytes.set([0x4d, 0x46, 0x4c, 0x59, 1]);
  return bytes;
}

/** A request that is refused before any route sees it. */
function tooManyHeaders(origin: string, token: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
    socket.write(`GET /${token} HTTP/1.1\r\nHost: localhost\r\nX-Long: ${`${token} `.repeat(2_000)}\r\n\r\n`);
  });
}
