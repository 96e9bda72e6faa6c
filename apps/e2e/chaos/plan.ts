/**
 * Everything that is left to chance in a run, drawn from one seed: the secrets, who comes to each of them and when, and what goes wrong.
 * The same seed gives the same plan; how the processes and the network interleave is not replayed.
 */
import { ENVELOPE_MAGIC } from "@mayfly/wire";
import type { FaultMaker } from "./lab/fault.ts";
import { Random } from "./random.ts";

export type Role =
  /** Comes with the link, and again with the same claim while he has no answer, as a person would. */
  | {
      readonly role: "opener";
      readonly acknowledges: 0 | 1 | 2;
      /** Opens once more after he has acknowledged. */
      readonly again: boolean;
      /** Does not acknowledge, and opens once more when his lease is over. */
      readonly lingers: boolean;
    }
  /** Holds the link and guesses at the passphrase. */
  | { readonly role: "guesser"; readonly count: number; readonly atOnce: boolean; readonly omits: boolean }
  /** Knows the id alone. */
  | { readonly role: "thief"; readonly tries: readonly ThiefTry[] }
  | { readonly role: "burner" }
  | { readonly role: "watcher"; readonly holding: "link" | "manage"; readonly times: number };

export type ThiefTry = "open" | "burn" | "acknowledge" | "status" | "deposit" | "part";

export type Actor = Role & { readonly delayMs: number };

export interface SecretPlan {
  readonly secret: number;
  readonly reads: number | "unlimited";
  readonly lifetimeSeconds: number;
  readonly passphrase: boolean;
  readonly envelope: Buffer<ArrayBuffer>;
  /** Deposits once more what is there already. */
  readonly depositsAgain: boolean;
  /** Does not try again when a deposit is not answered. */
  readonly givesUp: boolean;
  /** 32 bytes each. */
  readonly linkProof: Buffer;
  readonly passphraseProof: Buffer;
  readonly manageToken: Buffer;
  readonly actors: readonly Actor[];
  /** Chooses the process for each request. */
  readonly ways: Random;
}

export interface FaultPlan {
  readonly gapMs: number;
  readonly what: FaultMaker;
  readonly lastsMs: number;
  /** For what the fault itself leaves to chance. */
  readonly random: Random;
}

/** One chunk, some chunks, and three parts of 64 KiB: lengths that version 1 padding gives (62 bytes of head, 16 for each chunk). */
const LENGTHS = [
  { weight: 6, what: 62 + 256 + 16 },
  { weight: 3, what: 62 + 4_096 + 16 },
  { weight: 1, what: 62 + 131_072 + 32 },
] as const;

/** Marks every 256 bytes of an envelope with its secret's number, so that a look into a file finds whose ciphertext lies there. */
export const CANARY = Buffer.from("mayfly-chaos-here:");
const CANARY_EVERY = 256;

/** `simple`: one read, one part and no passphrase, which is all that the wrong stores understand. */
export function planSecret(seed: number, secret: number, simple = false): SecretPlan {
  const random = new Random(seed, secret + 1);
  const reads = simple
    ? 1
    : random.weighted<number | "unlimited">([
        { weight: 7, what: 1 },
        { weight: 2, what: 2 },
        { weight: 1, what: "unlimited" },
      ]);
  const passphrase = !simple && random.chance(0.3);
  return {
    secret,
    reads,
    passphrase,
    lifetimeSeconds: random.chance(0.5) ? 300 : 86_400,
    envelope: envelope(random, simple ? LENGTHS[0].what : random.weighted(LENGTHS), secret),
    depositsAgain: random.chance(0.2),
    givesUp: random.chance(simple ? 0.8 : 0.1),
    linkProof: random.bytes(32),
    passphraseProof: random.bytes(32),
    manageToken: random.bytes(32),
    actors: actors(random, passphrase),
    ways: random,
  };
}

function envelope(random: Random, length: number, secret: number): Buffer<ArrayBuffer> {
  const bytes = random.bytes(length);
  bytes.set(ENVELOPE_MAGIC);
  for (let at = 64; at + CANARY.length + 4 <= bytes.length; at += CANARY_EVERY) {
    bytes.set(CANARY, at);
    bytes.writeUInt32BE(secret, at + CANARY.length);
  }
  return bytes;
}

/** A quarter of the secrets are left alone but for thieves and watchers: they have to be there at the end. */
function actors(random: Random, passphrase: boolean): Actor[] {
  const found: Role[] = [];
  const alone = random.chance(0.25);
  const openers = alone ? 0 : random.weighted([1, 2, 3, 4].map((what) => ({ weight: 5 - what, what })));
  for (let n = 0; n < openers; n++) {
    const acknowledges = random.pick([0, 1, 1, 1, 2] as const);
    found.push({ role: "opener", acknowledges, again: random.chance(0.3), lingers: random.chance(0.3) });
  }
  if (passphrase && random.chance(0.6)) {
    const count = alone ? random.between(1, 9) : random.pick([1, 3, 8, 9, 10, 12]);
    found.push({ role: "guesser", count, atOnce: random.chance(0.4), omits: random.chance(0.3) });
  }
  if (random.chance(0.4)) {
    const every = ["open", "burn", "acknowledge", "status", "deposit", "part"] as const;
    found.push({ role: "thief", tries: every.filter(() => random.chance(0.4)) });
  }
  if (!alone && random.chance(0.15)) found.push({ role: "burner" });
  if (random.chance(0.4)) {
    found.push({ role: "watcher", holding: random.pick(["link", "manage"]), times: random.between(1, 3) });
  }
  // Many at the same moment, so that they race.
  return found.map((actor) => ({ ...actor, delayMs: random.pick([0, 0, 0, 30, 200, 800]) }));
}

/** The `number`th fault of one row of faults. */
export function planFault(
  seed: number,
  row: number,
  number: number,
  makers: readonly FaultMaker[],
): FaultPlan {
  const random = new Random(seed, 2 ** 31 + row * 2 ** 20 + number);
  const what = random.weighted(makers.map((maker) => ({ weight: maker.weight, what: maker })));
  return {
    gapMs: random.between(150, 1_500),
    what,
    lastsMs: random.between(Math.min(100, what.mostMs), what.mostMs),
    random,
  };
}
