/** Looking for secrets where none may be. */

const RUN_BYTES = 8;

/**
 * Where any 8 consecutive bytes of `secret` stand in `where`: raw, in hex, in base64 or base64url, at any alignment. Each
 * as `ENCODING at POSITION of the secret`; empty when there is nothing.
 */
export function sightings(where: Buffer, secret: Uint8Array): string[] {
  const text = where.toString("latin1");
  const found: string[] = [];
  for (let at = 0; at + RUN_BYTES <= secret.length; at++) {
    const run = Buffer.from(secret.subarray(at, at + RUN_BYTES));
    for (const [encoding, words] of encodings(run)) {
      if (text.includes(words)) found.push(`${encoding} at ${at}`);
    }
  }
  return found;
}

function encodings(run: Buffer): [string, string][] {
  const hex = run.toString("hex");
  return [
    ["raw", run.toString("latin1")],
    ["hex", hex],
    ["HEX", hex.toUpperCase()],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      // The characters that are the same whatever stands before and after.
      const padded = Buffer.concat([Buffer.alloc(offset), run]).toString("base64");
      const from = Math.ceil((offset * 8) / 6);
      const sure = padded.slice(from, Math.floor(((offset + run.length) * 8) / 6));
      return [
        ["base64", sure],
        ["base64url", sure.replaceAll("+", "-").replaceAll("/", "_")],
      ];
    }),
  ];
}
