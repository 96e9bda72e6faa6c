/**
 * What the programs say on standard error: one JSON line per event, with a closed set of plain fields. There is no way to hand in an
 * error object or free text of a request, so nothing of a caller can get into it.
 */

const ranks = { error: 0, warn: 1, info: 2 } as const;
type LogLevel = keyof typeof ranks;

interface LogFields {
  /** A short code or class name, never a driver's or library's message. */
  readonly code?: string;
  /** The route's name in the wire's table, never a path. */
  readonly route?: string;
  /** A sentence of ours, from the configuration or the store's facts. */
  readonly note?: string;
  readonly count?: number;
  readonly sequence?: number;
  readonly milliseconds?: number;
}

export type Log = { readonly [L in LogLevel]: (event: string, fields?: LogFields) => void };

/** A log that drops what is below `level`. `write` takes one line with its line end. */
export function createLog(
  program: string,
  level: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Log {
  const at =
    (own: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (ranks[own] > ranks[level]) return;
      write(`${JSON.stringify({ time: new Date().toISOString(), level: own, program, event, ...fields })}\n`);
    };
  return { error: at("error"), warn: at("warn"), info: at("info") };
}
