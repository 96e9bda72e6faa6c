import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeLinkCode, encodeLinkCode, type LinkCode, randomBytes, readLink } from "../src/index.ts";
import { refusal } from "./refusal.ts";
import { seeded } from "./seeded.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const recognised = ["link_incomplete", "link_damaged", "link_version", "link_flags"];
const codes: fc.Arbitrary<LinkCode> = fc.record({
  kind: fc.constantFrom("link", "manage"),
  hasPassphrase: fc.boolean(),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

function someCode(): string {
  return encodeLinkCode({ kind: "link", hasPassphrase: false, id: randomBytes(16), secret: randomBytes(32) });
}

test("writes 72 characters and reads the same content back", () => {
  fc.assert(
    fc.property(codes, (code) => {
      const text = encodeLinkCode(code);
      expect(text).toMatch(/^[A-Za-z0-9_-]{72}$/);
      expect(decodeLinkCode(text)).toEqual(code);
    }),
  );
});

test("recognises every change of a single character", () => {
  const code = someCode();
  for (let at = 0; at < code.length; at++) {
    for (const letter of alphabet) {
      if (letter === code[at]) continue;
      const changed = code.slice(0, at) + letter + code.slice(at + 1);
      expect(recognised).toContain(refusal(() => decodeLinkCode(changed)));
    }
  }
});

test("refuses every truncation and every appended text", () => {
  const code = someCode();
  for (let length = 0; length < code.length; length++) {
    expect(refusal(() => decodeLinkCode(code.slice(0, length)))).toBe("link_incomplete");
  }
  for (const tail of [...alphabet, ".", ")", ">", ",", "=", " ", "\n", "%"]) {
    expect(refusal(() => decodeLinkCode(code + tail))).toBe("link_damaged");
  }
});

test("refuses each of twenty thousand randomly damaged codes", () => {
  const random = seeded(5);
  const code = someCode();
  let passed = 0;
  for (let run = 0; run < 20_000; run++) {
    // The first two characters stay, so that the checksum alone has to notice.
    const letters = [...code];
    for (let change = 0; change <= random.below(8); change++) {
      letters[2 + random.below(70)] = alphabet.charAt(random.below(64));
    }
    const damaged = letters.join("");
    if (damaged !== code && refusal(() => decodeLinkCode(damaged)) === undefined) passed++;
  }
  expect(passed).toBe(0);
});

test("tells a manage code from a link code", () => {
  const content = { hasPassphrase: true, id: randomBytes(16), secret: randomBytes(32) };
  const [link, manage] = [
    encodeLinkCode({ kind: "link", ...content }),
    encodeLinkCode({ kind: "manage", ...content }),
  ];
  expect(link).not.toBe(manage);
  expect([readLink(link).code.kind, readLink(manage).code.kind]).toEqual(["link", "manage"]);
});

test("refuses ids and secrets of other lengths", () => {
  const good = {
    kind: "link",
    hasPassphrase: false,
    id: new Uint8Array(16),
    secret: new Uint8Array(32),
  } as const;
  expect(refusal(() => encodeLinkCode({ ...good, id: new Uint8Array(15) }))).toBe("argument");
  expect(refusal(() => encodeLinkCode({ ...good, secret: new Uint8Array(33) }))).toBe("argument");
});
