/** How long a client may take, in milliseconds. Node's own defaults are longer, or none. */
export interface Timeouts {
  /** From the connection, or the end of the last request, to the end of the headers. Then 408. */
  readonly headersMs: number;
  /** From its first byte to the end of the request. Then 408. */
  readonly requestMs: number;
  /** From the beginning of a response until the system has taken all of it. Then the connection is reset. */
  readonly answerMs: number;
  /** Without a byte in either direction during a request or a response. */
  readonly idleMs: number;
  /** How often the first two are checked: a 408 comes at most so much later. */
  readonly lookEveryMs: number;
}

/** A part of the default size needs 17 KiB a second either way. */
export const defaultTimeouts: Timeouts = {
  headersMs: 10_000,
  requestMs: 60_000,
  answerMs: 60_000,
  idleMs: 60_000,
  lookEveryMs: 5_000,
};
