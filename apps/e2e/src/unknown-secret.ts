import { randomBytes } from "node:crypto";
import {
  deriveKeys,
  deriveManageToken,
  encodeBase64url,
  encodeLinkCode,
  envelopeLength,
  verifierOf,
} from "@mayfly/crypto";
import { buildEnvelope } from "@mayfly/crypto/judge";

/** The lengths in the payload before meta and content. */
const LENGTHS = 12;
/** The smallest payload. Its envelope is as long as that of an empty text. */
const PAYLOAD = 256;

/**
 * Protects a secret of a kind that only a newer version knows, for one read. Gives its link, with the service's own
 * origin. No client seals such a secret: its envelope is built of pieces.
 */
export async function protectUnknown(origin: string, content: Uint8Array): Promise<string> {
  const [token, seed] = [randomBytes(32), randomBytes(32)];
  const keys = deriveKeys(token);
  const meta = Buffer.from('{"kind":"image"}');
  const payload = Buffer.alloc(PAYLOAD);
  payload.writeUInt32BE(meta.length, 0);
  payload.writeBigUInt64BE(BigInt(content.length), 4);
  payload.set(meta, LENGTHS);
  payload.set(content, LENGTHS + meta.length);
  const header = Buffer.concat([Buffer.from("MFLY\u0001\0"), randomBytes(24)]);
  const envelope = buildEnvelope(
    [
      { hex: header.toString("hex") },
      { commitment: true },
      { box: { index: 0, final: true, plain: [{ hex: payload.toString("hex") }] } },
    ],
    keys,
    () => header,
  );

  const manageToken = deriveManageToken(seed);
  const verifiers = {
    link: encodeBase64url(verifierOf(keys.linkProof)),
    manage: encodeBase64url(verifierOf(manageToken)),
  };
  const bytes = envelopeLength(0, { kind: "text" });
  const { id } = JSON.parse(
    await sent(`${origin}/api/v1/secrets`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ lifetime: 3600, reads: 1, bytes, verifiers }),
    }),
  ) as { id: string };
  await sent(`${origin}/api/v1/secrets/${id}/parts/0`, {
    method: "PUT",
    headers: {
      "Content-Type": "application/octet-stream",
      Authorization: `Bearer ${encodeBase64url(manageToken)}`,
    },
    body: new Uint8Array(envelope),
  });
  const code = encodeLinkCode({
    kind: "link",
    hasPassphrase: false,
    id: new Uint8Array(Buffer.from(id, "base64url")),
    secret: token,
  });
  return `${origin}/s#${code}`;
}

async function sent(url: string, request: RequestInit): Promise<string> {
  const answer = await fetch(url, request);
  if (answer.status !== 201) throw new Error(`answered ${answer.status}`);
  return answer.text();
}
