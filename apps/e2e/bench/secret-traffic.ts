/** The four requests of one secret's life, as a client sends them, for both kinds of load. */
import { hash, randomBytes } from "node:crypto";
import { ENVELOPE_MAGIC, isEnvelopeLength, routePath } from "@mayfly/wire";

/** Proofs of one secret, in their wire form, and the id when it is known. */
export interface Life {
  readonly link: string;
  readonly manage: string;
  readonly claim: string;
  /** The client's address as a proxy tells it. */
  readonly address: string;
  id: string | null;
}

export interface Sent {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface TrafficStep {
  readonly method: "POST" | "PUT";
  send(life: Life): Sent;
  /**
   * Takes what the next steps need; `body` is text. False when the service refused because it was overloaded, which ends this life.
   * Throws when the answer is another one than the wanted.
   */
  see(life: Life, status: number, body: string): boolean;
}

const OVERLOADED = 503;

/** One request over a connection of the process's own. */
export async function answerTo(
  origin: string,
  { path, method, headers, body }: Sent,
): Promise<{ readonly status: number; readonly body: string }> {
  const bytes = typeof body === "string" ? body : new Uint8Array(body);
  const answer = await fetch(origin + path, { method, headers, body: bytes });
  return { status: answer.status, body: await answer.text() };
}

export function newLife(): Life {
  const text = () => randomBytes(32).toString("base64url");
  return { link: text(), manage: text(), claim: text(), address: nextAddress(), id: null };
}

let addresses = 0;

/** Another client each time, as rate limits see clients: private IPv4 addresses and /48s of documentation, in turn. */
function nextAddress(): string {
  addresses += 1;
  const number = addresses >> 1;
  if (addresses % 2 === 0) return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  return `2001:db8:${(number & 0xffff).toString(16)}::1`;
}

/** The shortest envelope that is no shorter than `bytes`. Its content is printable, so that answers compare as text. */
export function envelopeOf(bytes: number): Buffer {
  let length = bytes;
  while (!isEnvelopeLength(length)) length += 1;
  const content = randomBytes(length).toString("base64url").slice(ENVELOPE_MAGIC.length, length);
  return Buffer.concat([ENVELOPE_MAGIC, Buffer.from(content)]);
}

/** Reserve, deposit, open, acknowledge, for envelopes of one part. */
export function traffic(envelope: Buffer): readonly [TrafficStep, TrafficStep, TrafficStep, TrafficStep] {
  const wanted = envelope.toString();
  const json = (address: string) => ({ "content-type": "application/json", "x-forwarded-for": address });
  return [
    {
      method: "POST",
      send: ({ link, manage, address }) => ({
        method: "POST",
        path: routePath("reserve"),
        headers: json(address),
        body: JSON.stringify({
          lifetime: 3600,
          reads: 1,
          bytes: envelope.length,
          verifiers: { link: verifier(link), manage: verifier(manage) },
        }),
      }),
      see: (life, status, body) => {
        if (!isWanted("reserve", status, 201)) return false;
        life.id = (JSON.parse(body) as { id: string }).id;
        return true;
      },
    },
    {
      method: "PUT",
      send: ({ manage, address, id }) => ({
        method: "PUT",
        path: routePath("deposit", { id: id ?? "", part: 0 }),
        headers: {
          "content-type": "application/octet-stream",
          "x-forwarded-for": address,
          authorization: `Bearer ${manage}`,
        },
        body: envelope,
      }),
      see: (_life, status) => isWanted("deposit", status, 201),
    },
    {
      method: "POST",
      send: ({ link, claim, address, id }) => ({
        method: "POST",
        path: routePath("open", { id: id ?? "" }),
        headers: json(address),
        body: JSON.stringify({ linkProof: link, claim }),
      }),
      see: (_life, status, body) => {
        if (!isWanted("open", status, 200)) return false;
        if (body !== wanted) throw new Error("open answered other bytes than were deposited");
        return true;
      },
    },
    {
      method: "POST",
      send: ({ claim, address, id }) => ({
        method: "POST",
        path: routePath("acknowledge", { id: id ?? "" }),
        headers: json(address),
        body: JSON.stringify({ claim }),
      }),
      see: (_life, status) => isWanted("acknowledge", status, 204),
    },
  ];
}

function verifier(proof: string): string {
  return hash("sha256", Buffer.from(proof, "base64url"), "base64url");
}

function isWanted(verb: string, status: number, wanted: number): boolean {
  if (status !== wanted && status !== OVERLOADED) throw new Error(`${verb} answered ${status}`);
  return status === wanted;
}
