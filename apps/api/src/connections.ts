import type { Socket } from "node:net";

/** How long a client may take, in milliseconds. What Node leaves open for ever, or closes later, is closed by these. */
export interface Patience {
  /** From the connection, or the end of the last request, to the end of the headers. Then 408. */
  readonly headersMs: number;
  /** From its first byte to the end of the request. Then 408. */
  readonly requestMs: number;
  /** From the beginning of an answer until the system has taken all of it. Then the connection is reset. */
  readonly answerMs: number;
  /** A connection in the middle of something on which nothing moves. */
  readonly idleMs: number;
  /** How often the first two are looked at: a 408 comes so much later at most. */
  readonly lookEveryMs: number;
}

/** A part of the default size needs 17 KiB a second either way. */
export const patience: Patience = {
  headersMs: 10_000,
  requestMs: 60_000,
  answerMs: 60_000,
  idleMs: 60_000,
  lookEveryMs: 5_000,
};

const LINGER_MS = 2_000;

/**
 * Sends the last bytes of a connection and closes it, even where the other side goes on sending. A moment later: closed at once
 * over unread bytes, the system would throw the answer away too.
 */
export function endConnection(socket: Socket, lastBytes: string): void {
  socket.end(lastBytes);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}
