import { expect, test } from "vitest";
import { encodeLinkCode } from "../src/link-code.ts";
import { linkOrigin } from "../src/link-origin.ts";
import { readLink } from "../src/pasted-link.ts";

const code = encodeLinkCode({
  kind: "link",
  hasPassphrase: false,
  id: new Uint8Array(16).fill(7),
  secret: new Uint8Array(32).fill(9),
});

test.each([
  ["a whole link", `https://mayfly.example/s#${code}`],
  ["a link with its # escaped", `https://mayfly.example/s%23${code}`],
  ["a link in brackets with a full stop", `See <https://mayfly.example/s#${code}>.`],
  ["a link behind another address", `http://first.example/x and https://mayfly.example/s#${code}`],
  ["a link wrapped in its host", `https://may\nfly.example/s#${code}`],
  ["a link wrapped in its code", `https://mayfly.example/s#${code.slice(0, 30)}\n${code.slice(30)}`],
  [
    "a link inside a gateway's own",
    `https://safe.gateway.example/?url=https%3A%2F%2Fmayfly.example%2Fs%23${code}&data=05%7C02`,
  ],
  ["a link escaped twice", `https://g.example/?u=https%253A%252F%252Fmayfly.example%252Fs%2523${code}`],
  ["a link without its scheme", `mayfly.example/s#${code}`],
])("finds the service of %s", (_what, pasted) => {
  expect(linkOrigin(pasted, readLink(pasted).code)).toBe("https://mayfly.example");
});

test.each([
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["http://[::1]:8080", "http://[::1]:8080"],
  ["https://mayfly.example@evil.example", "https://evil.example"],
])("keeps what belongs to the host in %s", (address, origin) => {
  const pasted = `${address}/s#${code}`;
  expect(linkOrigin(pasted, readLink(pasted).code)).toBe(origin);
});

test("a hostile paste takes no long time", () => {
  for (const filler of ["a", "25", "%25", "https://"]) {
    const pasted = `%${filler.repeat(100_000)} https://mayfly.example/s#${code}`;
    expect(linkOrigin(pasted, readLink(code).code)).toBe("https://mayfly.example");
  }
});

test("a bare code has no origin", () => {
  expect(linkOrigin(code, readLink(code).code)).toBeUndefined();
});
