import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build, type Rollup } from "vite";
import { beforeAll, expect, test } from "vitest";
import { secretboxOnly } from "../../build/secretbox-only.ts";

interface Secretbox {
  (message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | null;
}

const fromCrypto = createRequire(new URL("../../../../packages/crypto/package.json", import.meta.url));
const path = fromCrypto.resolve("tweetnacl");
const whole = (fromCrypto("tweetnacl") as { secretbox: Secretbox }).secretbox;
let code: string;
let shaken: { secretbox: Secretbox };

async function shake(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "silent",
    plugins: [secretboxOnly()],
    build: { write: false, lib: { entry, formats: ["es"], fileName: "nacl" } },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as Rollup.RollupOutput;
  return output[0].code;
}

beforeAll(async () => {
  code = await shake(path);
  shaken = (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default;
});

// Within a larger buffer, as parts and chunks lie.
const random = (length: number) => new Uint8Array(randomBytes(length + 7)).subarray(5, 5 + length);

test("nothing is left of tweetnacl but secretbox", () => {
  expect(Object.keys(shaken)).toEqual(["secretbox"]);
  expect(code).not.toMatch(/scalarMult|signature|keyPair|randomBytes|getRandomValues/);
});

test("what is left seals and opens as the whole library does, at every length around its blocks", () => {
  const lengths = [
    ...Array.from({ length: 1100 }, (_, length) => length),
    ...[4095, 4096, 4097, 65_535, 65_536, 65_537].flatMap((length) => [length, length, length]),
  ];
  for (const length of lengths) {
    const [message, nonce, key] = [random(length), random(24), random(32)];
    const box = whole(message, nonce, key);
    expect(Buffer.from(shaken.secretbox(message, nonce, key)).equals(box)).toBe(true);
    expect(Buffer.from(shaken.secretbox.open(box, nonce, key) as Uint8Array).equals(message)).toBe(true);
    box[length % box.length] = (box[length % box.length] as number) ^ (1 << (length % 8));
    expect(shaken.secretbox.open(box, nonce, key)).toBeNull();
  }
});

test("what is left keeps the carries of Poly1305: messages, nonces and keys of extreme bytes", () => {
  const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
  for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff]) {
    for (let length = 0; length < 200; length++) {
      const [message, nonce, key] = [filled(length, byte), filled(24, byte), filled(32, 255 - byte)];
      const box = whole(message, nonce, key);
      expect(Buffer.from(shaken.secretbox(message, nonce, key)).equals(box)).toBe(true);
    }
  }
});

test("what is left refuses what the whole library refuses", () => {
  const cases: [number, number, number][] = [
    [32, 23, 32],
    [32, 24, 31],
    [32, 25, 33],
  ];
  for (const [length, nonce, key] of cases) {
    const given = [random(length), random(nonce), random(key)] as const;
    expect(() => whole(...given)).toThrow();
    expect(() => shaken.secretbox(...given)).toThrow();
    expect(() => shaken.secretbox.open(...given)).toThrow();
  }
  for (let length = 0; length < 16; length++) {
    expect(shaken.secretbox.open(random(length), random(24), random(32))).toBeNull();
  }
});

test("any other tweetnacl than the one compared here fails the build", async () => {
  const directory = await mkdtemp(join(tmpdir(), "mayfly-nacl-"));
  try {
    const changed = join(directory, "tweetnacl/nacl-fast.js");
    await mkdir(dirname(changed));
    await writeFile(changed, `${await readFile(path, "utf8")}\n`);
    await expect(shake(changed)).rejects.toThrow("another than the one");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
