import { randomBytes } from "node:crypto";
import { deriveKeys, openEnvelope, seal } from "@mayfly/crypto";
import nacl from "tweetnacl";
import { type Figure, ofRounds, type Part } from "../figure.ts";

const SIZES = [
  ["1 KiB", 1024],
  ["64 KiB", 65_536],
  ["1 MiB", 1_048_576],
  ["8 MiB", 8_388_608],
] as const;

export const sealingPart: Part = {
  name: "sealing",
  title: "Sealing and opening against bare tweetnacl",
  notes: [
    "One call of `seal` or `openEnvelope` on content of that size against one secretbox over the same bytes, in Node, on one core. Padding, keys from the link's keys, key commitment, chunks and their checks included; the stretching of a passphrase not.",
  ],
  async run({ rounds, sealingMs }) {
    const figures: Figure[] = [];
    for (const [subject, bytes] of SIZES) {
      const content = randomBytes(bytes);
      const keys = deriveKeys(randomBytes(32));
      const secret = { meta: { kind: "text" }, content } as const;
      const envelope = seal(secret, keys);
      const [key, nonce] = [randomBytes(32), randomBytes(24)];
      const box = nacl.secretbox(content, nonce, key);
      const pairs = [
        ["seal", () => seal(secret, keys), () => nacl.secretbox(content, nonce, key)],
        ["open", () => openEnvelope(envelope, keys), () => nacl.secretbox.open(box, nonce, key)],
      ] as const;
      for (const [verb, ours, bare] of pairs) {
        const speeds: { readonly ours: number; readonly bare: number }[] = [];
        speed(ours, bytes, sealingMs / 4);
        speed(bare, bytes, sealingMs / 4);
        for (let round = 0; round < rounds; round++)
          speeds.push({ ours: speed(ours, bytes, sealingMs), bare: speed(bare, bytes, sealingMs) });
        figures.push(
          ofRounds(
            speeds.map((each) => each.ours),
            { subject, what: verb, unit: "MB/s" },
          ),
          ofRounds(
            speeds.map((each) => each.bare),
            { subject, what: `${verb}, bare`, unit: "MB/s" },
          ),
          ofRounds(
            speeds.map((each) => (100 * each.ours) / each.bare),
            { subject, what: `${verb} of bare`, unit: "%" },
          ),
        );
      }
    }
    return figures;
  },
};

/** Megabytes for each second of this thread's CPU. */
function speed(call: () => unknown, bytes: number, milliseconds: number): number {
  const micros = () => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  const begun = micros();
  let calls = 0;
  do {
    call();
    calls += 1;
  } while (micros() - begun < milliseconds * 1000);
  return (calls * bytes) / (micros() - begun);
}
