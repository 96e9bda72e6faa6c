import { createHash, hkdfSync } from "node:crypto";
import { CryptoError, decodeText, readLink } from "@mayfly/crypto";
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { ClientError, createClient, type ProtectProgress, textOf, textSecret } from "../src/index.ts";
import { passing } from "./passing.ts";
import { type Fault, service, startTinyService } from "./tiny-service.ts";

// Half a second of scrypt for every passphrase is not what these tests are about; one of them does without.
const stretchPassphrase = async (passphrase: string, salt: Uint8Array) =>
  new Uint8Array(createHash("sha256").update(salt).update(passphrase).digest());

const tiny = await startTinyService();
const client = createClient({ server: tiny.origin, stretchPassphrase });
const once = { lifetime: 3600, reads: 1 as const };

afterAll(() => tiny.stop());
beforeEach(() => {
  tiny.control.fault = () => "serve";
  tiny.control.corrupt = false;
  tiny.seen.length = 0;
});

const times = (count: number, match: RegExp, fate: Fault): Fault => {
  let left = count;
  return (seen, response) =>
    match.test(`${seen.method} ${seen.url}`) && left-- > 0 ? fate(seen, response) : "serve";
};
const problem =
  (status: number, body: object | string, headers = {}): Fault =>
  (_seen, response) => {
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    return "answered";
  };
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable("it worked"),
    (error: unknown) => error as ClientError,
  );

test("what one protects, another opens, and the service is told at once", async () => {
  const { link, manageLink, expiresAt } = await client.protect(textSecret("Grüße 🦋\n"), once);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/s#[\w-]{72}$/);
  expect(manageLink).toMatch(/\/m#[\w-]{72}$/);
  expect(expiresAt).toBe("2030-01-02T03:04:05.000Z");
  const opened = await client.open(link);
  expect(textOf(opened.secret)).toBe("Grüße 🦋\n");
  expect(opened.readsLeft).toBe(0);
  expect(await opened.acknowledged).toBe(true);
  expect([...tiny.kept.values()].at(-1)?.acknowledged).toBe(true);
});

test("the links are told while the envelope is still on its way", async () => {
  const steps: ProtectProgress[] = [];
  const { link } = await client.protect(textSecret("x"), { ...once, onProgress: (step) => steps.push(step) });
  expect(steps.map(({ step }) => step)).toEqual(["reserving", "sealing", "storing", "storing"]);
  expect(steps[2]).toMatchObject({ link, deposited: 0, parts: 1 });
});

test("an envelope of several parts goes and comes part by part", async () => {
  const content = crypto.getRandomValues(new Uint8Array(65_536)).slice();
  const large = new Uint8Array(700_000).map((_, index) => content[index % 65_536] as number);
  const meta = { kind: "files" as const, files: [{ name: "a.bin", type: "", size: large.length }] };
  const { link } = await client.protect({ meta, content: large }, once);
  tiny.control.fault = times(2, /POST .*parts/, () => "drop_after");
  const opened = await client.open(link);
  expect(opened.secret.meta).toEqual(meta);
  expect(Buffer.from(opened.secret.content).equals(Buffer.from(large))).toBe(true);
});

test("no proof, claim, token or link stands in an address, and no cookie is sent", async () => {
  const { link, manageLink } = await client.protect(textSecret("x"), once);
  await (await client.open(link)).acknowledged;
  await client.status(link);
  await client.burn(manageLink);
  for (const { url, headers } of tiny.seen) {
    expect(url).toMatch(/^\/api\/v1\/secrets(\/[\w-]{22}(\/(open|acknowledge|status|parts\/\d+))?)?$/);
    expect(headers.cookie).toBeUndefined();
    expect(headers.referer).toBeUndefined();
  }
});

test("neither the token nor the passphrase reaches the service in any form", async () => {
  const passphrase = "correct horse";
  const { link } = await client.protect(textSecret("x"), { ...once, passphrase });
  await (await client.open(link, { passphrase })).acknowledged;
  const token = Buffer.from(readLink(link).code.secret);
  for (const { headers, body } of tiny.seen) {
    const sent = `${JSON.stringify(headers)}${body.toString("latin1")}`;
    expect(sent).not.toContain(token.toString("base64url"));
    expect(sent).not.toContain(passphrase);
    expect(body.includes(token.subarray(0, 8))).toBe(false);
  }
});

test("the manage link's seed is in no request in any form: the service sees a token that is derived from it", async () => {
  const { link, manageLink } = await client.protect(textSecret("x"), once);
  await client.status(manageLink);
  await client.status(link);
  await client.burn(manageLink);
  expect(tiny.seen.map(({ method }) => method)).toEqual(["POST", "PUT", "POST", "POST", "DELETE"]);
  const seed = readLink(manageLink).code.secret;
  for (const { url, headers, body } of tiny.seen) {
    expect(
      formsOf(seed).filter((form) =>
        `${url}${JSON.stringify(headers)}${body.toString("latin1")}`.includes(form),
      ),
    ).toEqual([]);
  }
  const token = Buffer.from(hkdfSync("sha256", seed, "mayfly/v1/manage-seed", "mayfly/v1/manage-token", 32));
  const bearers = new Set(tiny.seen.map(({ headers }) => headers.authorization).filter(Boolean));
  expect([...bearers]).toEqual([`Bearer ${token.toString("base64url")}`]);
  const verifier = [...tiny.kept.values()].at(-1)?.verifiers.manage;
  expect(verifier).toBe(createHash("sha256").update(token).digest("base64url"));
  expect(verifier).not.toBe(createHash("sha256").update(seed).digest("base64url"));
});

/** Every run of eight bytes: raw, in hex, and in base64 and base64url at each alignment. */
function formsOf(secret: Uint8Array): string[] {
  return Array.from({ length: secret.length - 7 }, (_, at) =>
    Buffer.from(secret.subarray(at, at + 8)),
  ).flatMap((run) => [
    run.toString("latin1"),
    run.toString("hex"),
    run.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => {
      const padded = Buffer.concat([Buffer.alloc(offset), run]).toString("base64");
      const sure = padded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + run.length) * 8) / 6));
      return [sure, sure.replaceAll("+", "-").replaceAll("/", "_")];
    }),
  ]);
}

test("a passphrase is stretched in this thread where nothing else is handed in", async () => {
  const usual = createClient({ server: tiny.origin });
  const { link } = await usual.protect(textSecret("behind"), { ...once, passphrase: "right" });
  expect(textOf((await usual.open(link, { passphrase: "right" })).secret)).toBe("behind");
}, 30_000);

test("link, envelope and verifiers agree on whether there is a passphrase", async () => {
  for (const passphrase of [undefined, "horse"]) {
    const has = passphrase !== undefined;
    const { link, manageLink } = await client.protect(textSecret("x"), {
      ...once,
      ...(has && { passphrase }),
    });
    const kept = [...tiny.kept.values()].at(-1);
    expect(kept?.verifiers.passphrase !== undefined).toBe(has);
    // "MFLY", the version, then the flags.
    expect(kept?.parts[0]?.[5]).toBe(has ? 1 : 0);
    for (const each of [link, manageLink]) expect(readLink(each).code.hasPassphrase).toBe(has);
  }
});

test("a wrong passphrase keeps the secret, and the right one opens it with the same claim", async () => {
  const { link } = await client.protect(textSecret("behind"), { ...once, passphrase: "right" });
  const opener = client.opener(link);
  expect(opener.hasPassphrase).toBe(true);
  expect(await failure(opener.open({ passphrase: "wrong" }))).toMatchObject({
    code: "wrong_passphrase",
    attemptsLeft: 9,
  });
  expect(textOf((await opener.open({ passphrase: "right" })).secret)).toBe("behind");
  const claims = tiny.seen
    .filter(({ url }) => url.endsWith("/open"))
    .map(({ body }) => JSON.parse(body.toString()).claim);
  expect(new Set(claims).size).toBe(1);
});

test("a passphrase whose answer was lost is sent again once, so that a wrong one costs two attempts at most", async () => {
  const { link } = await client.protect(textSecret("x"), { ...once, passphrase: "right" });
  const opener = client.opener(link);
  const opens = () => tiny.seen.filter(({ url }) => url.endsWith("/open")).length;
  tiny.control.fault = times(9, /open$/, () => "drop_after");
  expect(await failure(opener.open({ passphrase: "wrong" }))).toMatchObject({ code: "offline" });
  expect(opens()).toBe(2);
  tiny.control.fault = times(1, /open$/, () => "drop_after");
  expect(textOf((await opener.open({ passphrase: "right" })).secret)).toBe("x");
  expect(opens()).toBe(4);
});

test("a passphrase that the link does not want, or the lack of one that it does, is refused before any request", async () => {
  const plain = await client.protect(textSecret("kept"), once);
  const locked = await client.protect(textSecret("kept"), { ...once, passphrase: "right" });
  tiny.seen.length = 0;
  expect(await failure(client.open(plain.link, { passphrase: "typed" }))).toMatchObject({
    code: "no_passphrase",
  });
  expect(await failure(client.open(locked.link))).toMatchObject({ code: "passphrase_required" });
  expect(tiny.seen).toEqual([]);
  expect(textOf((await client.open(plain.link)).secret)).toBe("kept");
});

test("an opener whose answer was lost gets the same bytes again; another opener does not", async () => {
  const { link } = await client.protect(textSecret("mine"), once);
  tiny.control.fault = times(2, /open$/, () => "drop_after");
  expect(textOf((await client.open(link)).secret)).toBe("mine");
  expect(await failure(client.open(link))).toMatchObject({ code: "gone", state: "opened" });
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

test("an address with a slash at its end is the same service, and makes the same links", async () => {
  const slashed = createClient({ server: `${tiny.origin}/`, stretchPassphrase });
  const { link } = await slashed.protect(textSecret("x"), once);
  expect(link.startsWith(`${tiny.origin}/s#`)).toBe(true);
  expect(textOf((await slashed.open(link)).secret)).toBe("x");
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

test("changed bytes give nothing but damaged, and are not acknowledged", async () => {
  const { link } = await client.protect(textSecret("a"), once);
  tiny.control.corrupt = true;
  expect(await failure(client.open(link))).toMatchObject({ code: "damaged" });
  expect(tiny.seen.at(-1)?.url).toMatch(/open$/);
});

test("an acknowledgement that fails does not hide the secret", async () => {
  const { link } = await client.protect(textSecret("a"), once);
  tiny.control.fault = times(9, /acknowledge$/, problem(404, { code: "not_found" }));
  const opened = await client.open(link);
  expect(decodeText(opened.secret.content)).toBe("a");
  expect(await opened.acknowledged).toBe(false);
});

test("a page that answers everything with 200 is not taken for a service that destroyed something", async () => {
  const { link, manageLink } = await client.protect(textSecret("a"), once);
  tiny.control.fault = times(9, /acknowledge$|DELETE/, problem(200, "<html>welcome"));
  expect(await failure(client.burn(manageLink))).toMatchObject({ code: "bad_answer" });
  expect(await (await client.open(link)).acknowledged).toBe(false);
});

test.each([
  ["a body longer than it said", 200, "x".repeat(100_000), {}],
  ["no length", 200, "x".repeat(334), { "Mayfly-Bytes": "" }],
  ["a length beyond every envelope", 200, "x".repeat(334), { "Mayfly-Bytes": 9e12 }],
  ["more parts than there can be", 200, "x".repeat(334), { "Mayfly-Parts": 2 }],
  ["more reads left than there can be", 200, "x".repeat(334), { "Mayfly-Reads-Left": 101 }],
  ["an end of the lease that is no time", 200, "x".repeat(334), { "Mayfly-Lease-Ends": "soon" }],
  ["an unknown refusal", 418, "{}", {}],
  ["an error page without the protocol's form", 500, "<html>", {}],
])("opening refuses %s as a bad answer", async (_name, status, body, headers) => {
  const { link } = await client.protect(textSecret("a"), once);
  const right = {
    "Mayfly-Parts": 1,
    "Mayfly-Bytes": 334,
    "Mayfly-Reads-Left": 0,
    "Mayfly-Lease-Ends": "2030-01-02T03:04:05.000Z",
  };
  tiny.control.fault = times(9, /open$/, problem(status, body, { ...right, ...headers }));
  expect(await failure(client.open(link))).toMatchObject({ code: "bad_answer" });
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

test("a refusal from something in between is known by its status", async () => {
  tiny.control.fault = times(1, /service/, problem(429, "<html>slow down", { "Retry-After": "7" }));
  expect(await failure(client.service())).toMatchObject({ code: "rate_limited", retryAfter: 7 });
  tiny.control.fault = times(1, /service/, (_seen, response) => {
    response.socket?.destroy();
    return "answered";
  });
  expect(await failure(client.service())).toMatchObject({ code: "offline" });
});

test("the service's state is told, and a malformed one is refused", async () => {
  expect(await client.service()).toEqual(service);
  tiny.control.fault = times(
    1,
    /service/,
    problem(200, { ...service, limits: { ...service.limits, readsMax: "100" } }),
  );
  expect(await failure(client.service())).toMatchObject({ code: "bad_answer" });
});

test("status answers to the link and to the manage link; burning needs the manage link", async () => {
  const { link, manageLink } = await client.protect(textSecret("a"), { ...once, passphrase: "p" });
  expect(await client.status(link)).toMatchObject({ state: "live", passphrase: true, attemptsLeft: 10 });
  expect(await failure(client.burn(link))).toMatchObject({ code: "wrong_link" });
  await client.burn(manageLink);
  expect(await client.status(manageLink)).toMatchObject({ state: "burned" });
  expect(await failure(client.open(link, { passphrase: "p" }))).toMatchObject({
    code: "gone",
    state: "burned",
  });
});

test("a damaged link and a manage link are refused before any request", async () => {
  const { link, manageLink } = await client.protect(textSecret("a"), once);
  tiny.seen.length = 0;
  expect(() => client.opener(link.slice(0, -3))).toThrow(CryptoError);
  expect(() => client.opener(manageLink)).toThrow(ClientError);
  expect(tiny.seen).toHaveLength(0);
});

test("an empty passphrase is refused before any request", async () => {
  await expect(client.protect(textSecret("a"), { ...once, passphrase: "" })).rejects.toThrow(CryptoError);
  expect(tiny.seen).toHaveLength(0);
});

test("errors carry nothing of the link", async () => {
  const { link } = await client.protect(textSecret("a"), once);
  tiny.control.fault = times(9, /open$/, problem(404, { code: "not_found" }));
  const error = await failure(client.open(link));
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(link.slice(-60));
});

test.each([
  ["text", Uint8Array.of(0x68, 0xff)],
  ["login", new TextEncoder().encode("not json")],
] as const)(
  "a %s that is not of its form comes as bytes, and only a person confirms it",
  async (kind, content) => {
    const { link } = await client.protect({ meta: { kind }, content: content.slice() }, once);
    const opened = await client.open(link);
    expect(opened.unreadable).toBe(true);
    expect(opened.secret.content).toEqual(content);
    const kept = [...tiny.kept.values()].at(-1);
    expect([kept?.acknowledged, tiny.seen.some(({ url }) => url.endsWith("/acknowledge"))]).toEqual([
      false,
      false,
    ]);
    expect(await opened.acknowledge()).toBe(true);
    expect(kept?.acknowledged).toBe(true);
  },
);
