/** A sender's and a reader's values for the tests, and the calls they make. What is inside the envelope is no matter here. */
import { createHash, randomBytes } from "node:crypto";
import { ENVELOPE_MAGIC, MIN_ENVELOPE_BYTES } from "@mayfly/wire";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

export interface SampleSecret {
  readonly linkProof: string;
  readonly passphraseProof: string;
  readonly manageToken: string;
  readonly verifiers: { readonly link: string; readonly manage: string };
  readonly passphraseVerifier: string;
  readonly envelope: Buffer;
}

export function sampleSecret(bytes = MIN_ENVELOPE_BYTES): SampleSecret {
  const [link, passphrase, manage] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  return {
    linkProof: text(link),
    passphraseProof: text(passphrase),
    manageToken: text(manage),
    verifiers: { link: text(sha256(link)), manage: text(sha256(manage)) },
    passphraseVerifier: text(sha256(passphrase)),
    envelope: Buffer.concat([ENVELOPE_MAGIC, randomBytes(bytes - ENVELOPE_MAGIC.length)]),
  };
}

export const randomText = (length: number): string => text(randomBytes(length));

export function callsTo(url: string) {
  const json = (path: string, body: unknown, method = "POST") =>
    fetch(`${url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const calls = {
    json,
    reserve: (body: unknown) => json("/api/v1/secrets", body),
    deposit: (id: string, part: number, token: string, bytes: Uint8Array) =>
      fetch(`${url}/api/v1/secrets/${id}/parts/${part}`, {
        method: "PUT",
        headers: { ...bearer(token), "content-type": "application/octet-stream" },
        body: new Uint8Array(bytes),
      }),
    open: (id: string, body: unknown) => json(`/api/v1/secrets/${id}/open`, body),
    part: (id: string, part: number, claim: string) => json(`/api/v1/secrets/${id}/parts/${part}`, { claim }),
    acknowledge: (id: string, claim: string) => json(`/api/v1/secrets/${id}/acknowledge`, { claim }),
    status: (id: string, linkProof: string) => json(`/api/v1/secrets/${id}/status`, { linkProof }),
    manageStatus: (id: string, token: string) =>
      fetch(`${url}/api/v1/secrets/${id}/status`, { method: "POST", headers: bearer(token) }),
    burn: (id: string, token: string) =>
      fetch(`${url}/api/v1/secrets/${id}`, { method: "DELETE", headers: bearer(token) }),
    /** Reserves and deposits all parts; answers the id. */
    protect: async (
      secret: SampleSecret,
      more: { reads?: unknown; lifetime?: number; passphrase?: boolean } = {},
    ) => {
      const answer = await calls.reserve({
        lifetime: more.lifetime ?? 3600,
        reads: more.reads ?? 1,
        bytes: secret.envelope.length,
        verifiers: { ...secret.verifiers, ...(more.passphrase && { passphrase: secret.passphraseVerifier }) },
      });
      if (answer.status !== 201) throw new Error(`reserve answered ${answer.status}`);
      const { id, parts, partBytes } = (await answer.json()) as {
        id: string;
        parts: number;
        partBytes: number;
      };
      for (let part = 0; part < parts; part++) {
        const slice = secret.envelope.subarray(part * partBytes, (part + 1) * partBytes);
        const deposited = await calls.deposit(id, part, secret.manageToken, slice);
        if (!deposited.ok) throw new Error(`deposit answered ${deposited.status}`);
      }
      return id;
    },
  };
  return calls;
}
