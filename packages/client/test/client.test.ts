import { createHash, hkdfSync } from "node:crypto";
import { CryptoError, decodeText, readLink } from "@mayfly/crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import { ClientError, createClient, textOf, textSecret } from "../src/index.ts";
import { failure } from "./failure.ts";
import { problem, times } from "./faults.ts";
import { quickStretch } from "./quick-stretch.ts";
import { service, startTinyService } from "./tiny-service.ts";

const tiny = await startTinyService();
const client = createClient({ server: tiny.origin, stretchPassphrase: quickStretch });
const once = { lifetime: 3600, reads: 1 as const };
afterAll(() => tiny.stop());
beforeEach(() => tiny.reset());

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

test("an opener whose answer was lost gets the same bytes again; another opener does not", async () => {
  const { link } = await client.protect(textSecret("mine"), once);
  tiny.control.fault = times(2, /open$/, () => "drop_after");
  expect(textOf((await client.open(link)).secret)).toBe("mine");
  expect(await failure(client.open(link))).toMatchObject({ code: "gone", state: "opened" });
});

test("an address with a slash at its end is the same service, and makes the same links", async () => {
  const slashed = createClient({ server: `${tiny.origin}/`, stretchPassphrase: quickStretch });
  const { link } = await slashed.protect(textSecret("x"), once);
  expect(link.startsWith(`${tiny.origin}/s#`)).toBe(true);
  expect(textOf((await slashed.open(link)).secret)).toBe("x");
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

test("the caller who acknowledges itself decides when, and as often as it wants", async () => {
  const { link } = await client.protect(textSecret("kept"), once);
  const kept = () => [...tiny.kept.values()].at(-1);
  const opened = await client.open(link, { acknowledge: "manual" });
  expect(textOf(opened.secret)).toBe("kept");
  expect(kept()?.acknowledged).toBe(false);
  tiny.control.fault = ({ url }, response) => {
    if (!url.endsWith("/acknowledge")) return "serve";
    response.writeHead(404).end(JSON.stringify({ code: "not_found" }));
    return "answered";
  };
  expect(await opened.acknowledge()).toBe(false);
  tiny.control.fault = () => "serve";
  expect(await opened.acknowledge()).toBe(true);
  expect(await opened.acknowledged).toBe(false);
  expect(kept()?.acknowledged).toBe(true);
  const id = [...tiny.kept.keys()].at(-1) as string;
  expect(tiny.seen.filter(({ url }) => url.endsWith(`${id}/acknowledge`))).toHaveLength(2);
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
