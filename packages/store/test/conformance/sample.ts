import { randomBytes } from "node:crypto";
import type { Deposit, Opening, Reads, Reservation, Store } from "../../src/index.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const PART_BYTES = 1_000;

export interface Wish {
  readonly reads?: Reads;
  readonly parts?: number;
  /** All of them have this length when it is given. */
  readonly partBytes?: number;
  readonly passphrase?: boolean;
  readonly lifetimeMs?: number;
  readonly leaseMs?: number;
}

/** A secret as the store sees one: random hashes and random bytes. */
export interface Sample {
  readonly id: string;
  readonly reservation: Reservation;
  readonly parts: readonly Uint8Array[];
  readonly byLink: { readonly id: string; readonly link: Uint8Array };
  readonly byManage: { readonly id: string; readonly manage: Uint8Array };
  deposit(part: number): Deposit;
  /** The rightful open: right link, and right passphrase where there is one. */
  opening(claim?: Uint8Array): Opening;
  /** An open with a wrong passphrase. */
  guess(attempt?: Uint8Array): Opening;
}

export const hash = (): Uint8Array => new Uint8Array(randomBytes(32));

export function sample(wish: Wish = {}): Sample {
  const id = randomBytes(16).toString("base64url");
  const count = wish.parts ?? 1;
  const partBytes = wish.partBytes ?? PART_BYTES;
  const last = wish.partBytes ?? 900;
  const bytes = (count - 1) * partBytes + last;
  const parts = Array.from(
    { length: count },
    (_, part) => new Uint8Array(randomBytes(part < count - 1 ? partBytes : last)),
  );
  const reservation: Reservation = {
    id,
    lifetimeMs: wish.lifetimeMs ?? DAY,
    reads: wish.reads ?? 1,
    bytes,
    partBytes,
    leaseMs: wish.leaseMs ?? MINUTE,
    link: hash(),
    passphrase: wish.passphrase ? hash() : null,
    manage: hash(),
  };
  const { link, manage, passphrase } = reservation;
  const attempt = (): Uint8Array => new Uint8Array(randomBytes(16));
  return {
    id,
    reservation,
    parts,
    byLink: { id, link },
    byManage: { id, manage },
    deposit: (part) => ({ id, manage, part, bytes: parts[part] ?? new Uint8Array(0) }),
    opening: (claim = hash()) => ({ id, link, passphrase, claim, attempt: attempt() }),
    guess: (bytes16 = attempt()) => ({ id, link, passphrase: hash(), claim: hash(), attempt: bytes16 }),
  };
}

/** Reserves and deposits every part; answers when the secret expires. */
export async function live(store: Store, secret: Sample): Promise<number> {
  const reserved = await store.reserve(secret.reservation);
  if (reserved.outcome !== "reserved") throw new Error(`not reserved: ${reserved.outcome}`);
  let expiresAt: number | null = null;
  for (const part of secret.parts.keys()) {
    const answer = await store.deposit(secret.deposit(part));
    if (answer.outcome === "live") expiresAt = answer.expiresAt;
    else if (answer.outcome !== "incomplete") throw new Error(`not deposited: ${answer.outcome}`);
  }
  if (expiresAt === null) throw new Error("not live");
  return expiresAt;
}

/** A secret that is live already. */
export async function liveSample(store: Store, wish: Wish = {}): Promise<Sample> {
  const secret = sample(wish);
  await live(store, secret);
  return secret;
}

/** Opens and insists: for the tests whose subject begins after the read. */
export async function opened(store: Store, opening: Opening) {
  const answer = await store.open(opening);
  if (answer.outcome !== "opened") throw new Error(`not opened: ${answer.outcome}`);
  return answer;
}
