import { createHash, randomBytes } from "node:crypto";
import { Hopeless, until } from "@mayfly/lab/until";
import { newClaim } from "../../src/reader.ts";
import { type Asking, type Crowd, json, type Told } from "./crowd.ts";

/** The smallest envelope that there is. */
const SMALLEST = 334;

/** A secret in one part, with all that anybody can show of it. What is inside is no matter here. */
export interface Sent {
  readonly id: string;
  readonly linkProof: string;
  readonly manage: string;
  readonly envelope: Buffer;
}

const verifier = (text: string) =>
  createHash("sha256").update(Buffer.from(text, "base64url")).digest("base64url");

/** Reserves and deposits an envelope of one part; or the first answer that is no 201. `bytes` is a length that padding gives. */
export async function deposit(
  senders: Crowd,
  headers: Readonly<Record<string, string>> = {},
  bytes = SMALLEST,
): Promise<Sent | Told> {
  const [linkProof, manage] = [newClaim(), newClaim()];
  const verifiers = { link: verifier(linkProof), manage: verifier(manage) };
  const reserved = await senders.ask(
    json("/api/v1/secrets", { lifetime: 3600, reads: 1, bytes, verifiers }, headers),
  );
  if (reserved.status !== 201) return reserved;
  const { id } = JSON.parse(reserved.body.toString()) as { id: string };
  const envelope = Buffer.concat([Buffer.from("MFLY\x01"), randomBytes(bytes - 5)]);
  const deposited = await senders.ask({
    method: "PUT",
    path: `/api/v1/secrets/${id}/parts/0`,
    headers: { "Content-Type": "application/octet-stream", ...bearer(manage), ...headers },
    body: envelope,
  });
  return deposited.status === 201 ? { id, linkProof, manage, envelope } : deposited;
}

/** The same, where nothing but success will do. An overloaded service, which answers 503, is asked again. */
export function protect(
  senders: Crowd,
  headers?: Readonly<Record<string, string>>,
  bytes?: number,
): Promise<Sent> {
  return until("a deposit", async () => {
    const sent = await deposit(senders, headers, bytes);
    if (!("status" in sent)) return sent;
    if (sent.status !== 503) throw new Hopeless(`answered ${sent.status}`);
    return null;
  });
}

export const opening = ({ id, linkProof }: Sent, claim: string): Asking =>
  json(`/api/v1/secrets/${id}/open`, { linkProof, claim });

export const bearer = (manage: string) => ({ Authorization: `Bearer ${manage}` });
