import { createHash } from "node:crypto";

/** In place of scrypt, which takes half a second for every passphrase. */
export async function quickStretch(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(createHash("sha256").update(salt).update(passphrase).digest());
}
