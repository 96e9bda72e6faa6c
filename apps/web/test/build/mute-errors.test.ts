import { hkdfSync } from "node:crypto";
import { createRequire } from "node:module";
import { build, type Rollup } from "vite";
import { beforeAll, expect, test } from "vitest";
import { muteErrors } from "../../build/mute-errors.ts";

interface Hashes {
  expand(hash: unknown, key: Uint8Array, info: Uint8Array | undefined, length: number): Uint8Array;
  extract(hash: unknown, key: Uint8Array, salt: Uint8Array): Uint8Array;
  sha256: unknown;
}

const fromCrypto = createRequire(new URL("../../../../packages/crypto/package.json", import.meta.url));
const entry = "virtual:hashes";
const resolved = `\0${entry}`;
let code: string;
let muted: Hashes;

beforeAll(async () => {
  const parts = ["hkdf", "sha2"].map((name) => fromCrypto.resolve(`@noble/hashes/${name}.js`));
  const built = await build({
    configFile: false,
    logLevel: "silent",
    plugins: [
      muteErrors(),
      {
        name: "entry",
        resolveId: (id) => (id.endsWith(entry) ? resolved : null),
        load: (id) =>
          id === resolved
            ? `export { expand, extract } from ${JSON.stringify(parts[0])}; export { sha256 } from ${JSON.stringify(parts[1])};`
            : null,
      },
    ],
    build: { write: false, lib: { entry, formats: ["es"], fileName: "hashes" } },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as Rollup.RollupOutput;
  code = output[0].code;
  muted = await import(`data:text/javascript,${encodeURIComponent(code)}`);
});

test("derives as Node does", () => {
  const [key, salt, info] = [7, 8, 9].map((byte) => new Uint8Array(32).fill(byte)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (const length of [1, 32, 64, 100]) {
    const derived = muted.expand(muted.sha256, muted.extract(muted.sha256, key, salt), info, length);
    expect(derived).toEqual(new Uint8Array(hkdfSync("sha256", key, salt, info, length)));
  }
});

test("still refuses wrong arguments, with errors of the same classes, and says nothing of them", () => {
  const key = new Uint8Array(32);
  const failure = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error as Error;
    }
    return expect.unreachable("it was taken");
  };
  expect(failure(() => muted.expand(muted.sha256, "key" as unknown as Uint8Array, key, 32))).toMatchObject({
    name: "TypeError",
    message: "",
  });
  expect(failure(() => muted.expand(muted.sha256, key, key, 1e9))).toMatchObject({
    name: "Error",
    message: "",
  });
  expect(failure(() => muted.expand({}, key, key, 32))).toBeInstanceOf(Error);
  expect(code).not.toMatch(/expected/);
});
