import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  decodeText,
  deriveKeys,
  encodeBase64url,
  encodeLinkCode,
  openEnvelope,
  randomBytes,
  seal,
} from "../src/index.ts";

// Debian's own Python, which has python3-nacl; PYTHON names another.
const python = process.env.PYTHON ?? "/usr/bin/python3";
const env = { PYTHONDONTWRITEBYTECODE: "1", PATH: process.env.PATH ?? "" };

function run(
  program: string,
  words: string[],
  environment: Record<string, string> = {},
  input: Uint8Array = new Uint8Array(),
) {
  const script = fileURLToPath(new URL(`../python/${program}.py`, import.meta.url));
  return execFileSync(python, [script, ...words], { env: { ...env, ...environment }, input, stdio: "pipe" });
}

test("agrees with a second implementation on every vector", { timeout: 60_000 }, () => {
  const lines = run("verify", []).toString().trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^[1-9]\d+ passed, 0 failed$/);
});

test("opens what Python sealed, and Python opens what it sealed", { timeout: 30_000 }, () => {
  const token = randomBytes(32);
  const keys = deriveKeys(token);
  const TOKEN = encodeBase64url(token);
  const sealed = run("mayfly", ["seal", "text"], { TOKEN }, Buffer.from("gr\u00fcezi"));
  expect(decodeText(openEnvelope(sealed, keys).content)).toBe("gr\u00fcezi");
  const code = encodeLinkCode({ kind: "link", hasPassphrase: false, id: randomBytes(16), secret: token });
  const content = randomBytes(200_000 / 4);
  const opened = run(
    "mayfly",
    ["open"],
    { LINK: `https://example.org/s#${code}` },
    seal({ meta: { kind: "text" }, content }, keys),
  );
  expect(Buffer.compare(opened, content)).toBe(0);
});
