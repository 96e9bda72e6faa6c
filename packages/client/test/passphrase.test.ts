import { CryptoError, readLink } from "@mayfly/crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createClient, textOf, textSecret } from "../src/index.ts";
import { failure } from "./failure.ts";
import { times } from "./faults.ts";
import { quickStretch } from "./quick-stretch.ts";
import { startTinyService } from "./tiny-service.ts";

const tiny = await startTinyService();
const client = createClient({ server: tiny.origin, stretchPassphrase: quickStretch });
const once = { lifetime: 3600, reads: 1 as const };
afterAll(() => tiny.stop());
beforeEach(() => tiny.reset());

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

test("an empty passphrase is refused before any request", async () => {
  await expect(client.protect(textSecret("a"), { ...once, passphrase: "" })).rejects.toThrow(CryptoError);
  expect(tiny.seen).toHaveLength(0);
});
