import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** The request whose answer is dropped. */
export interface Victim {
  readonly words: string;
  /** No connection is accepted behind it. */
  readonly cut: boolean;
}

/** A connection of a client, and the one that it is passed on to. */
export interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** The other side has vanished without a word: bytes disappear, and nobody says so. For ever. */
  lost: boolean;
  /** It said that it is a replica. */
  replica: boolean;
  /** Its next answer is dropped, and the connection with it. */
  doomed: Victim | null;
  /** Its requests are kept back. */
  heldRequests: boolean;
  /** An answer is kept back, or was forgotten. */
  mute: boolean;
  /** What comes late, in order; null when nothing is under way. */
  late: Promise<void> | null;
}

/** Writes after whatever of this connection is late already: bytes must not overtake each other. */
export function inOrder(pair: Pair, delayMs: number, write: () => void): void {
  if (pair.late === null && delayMs === 0) {
    write();
    return;
  }
  const late = Promise.all([pair.late, wait(delayMs)]).then(() => {
    if (pair.late === late) pair.late = null;
    write();
  });
  pair.late = late;
}

export function end({ near, far }: Pair): void {
  near.destroy();
  far.destroy();
}
