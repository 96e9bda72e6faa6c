import { createRequire } from "node:module";
import { build, type Rollup } from "vite";
import { expect, test } from "vitest";
import { secretboxOnly } from "../../build/secretbox-only.ts";

interface Secretbox {
  (message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | null;
}

const fromCrypto = createRequire(new URL("../../../../packages/crypto/package.json", import.meta.url));
const path = fromCrypto.resolve("tweetnacl");
const whole = fromCrypto("tweetnacl") as { secretbox: Secretbox };

async function shaken(): Promise<{ code: string; nacl: { secretbox: Secretbox } }> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    plugins: [secretboxOnly()],
    build: { write: false, lib: { entry: path, formats: ["es"], fileName: "nacl" } },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as Rollup.RollupOutput;
  const { code } = output[0];
  const { default: nacl } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return { code, nacl };
}

test("what is left of tweetnacl seals and opens as all of it does, and nothing else is left", async () => {
  const { code, nacl } = await shaken();
  expect(Object.keys(nacl)).toEqual(["secretbox"]);
  expect(code).not.toMatch(/scalarMult|signature|keyPair|randomBytes|getRandomValues/);
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  for (let length = 0; length < 300; length++) {
    const [message, nonce, key] = [random(length), random(24), random(32)];
    const box = whole.secretbox(message, nonce, key);
    expect(Buffer.from(nacl.secretbox(message, nonce, key)).equals(box)).toBe(true);
    expect(Buffer.from(nacl.secretbox.open(box, nonce, key) as Uint8Array).equals(message)).toBe(true);
    box[length % box.length] = (box[length % box.length] as number) ^ 1;
    expect(nacl.secretbox.open(box, nonce, key)).toBeNull();
  }
});
