import type { StoreKind } from "./ground.ts";

export type Unit = "µs" | "ms" | "s" | "B" | "KB" | "MB" | "MB/s" | "per s" | "×" | "%" | "canaries";

/** One number. Figures of one subject stand in one line of the part's table, under the names of what they tell. */
export interface Figure {
  readonly subject: string;
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** Of several rounds, the lowest and the highest; `value` is their median. */
  readonly range?: readonly [number, number];
  /** The target: the value may be no higher. */
  readonly most?: number;
}

/** How much is measured. */
export interface Extent {
  readonly stores: readonly StoreKind[];
  /** Envelope bytes, at least. */
  readonly sizes: readonly number[];
  readonly connections: number;
  readonly rounds: number;
  /** Of one round at 1 KiB; of larger ones fewer. */
  readonly lifecycles: number;
  /** Seconds of paced load. */
  readonly pacedSeconds: number;
  /** Secrets kept at once, of 1 KiB; of larger ones fewer. */
  readonly kept: number;
  readonly endurance: number;
  readonly expired: number;
  /** Milliseconds of CPU for each contestant and size in the sealing. */
  readonly sealingMs: number;
  readonly starts: number;
  /** Connections whose responses nobody reads, and uploads that stall. */
  readonly unread: number;
  readonly stalledUploads: number;
  /** For how long files are searched for an ended secret; once more after a sweep. */
  readonly erasureSeconds: number;
  /** A folder for CPU profiles of what is measured; null for none. */
  readonly profile: string | null;
}

/** One thing that is measured, by its name on the command line. */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** What the numbers are of, in sentences for whoever reads only the table. */
  readonly notes: readonly string[];
  run(extent: Extent): Promise<readonly Figure[]>;
}

/** A figure of several rounds. */
export function ofRounds(rounds: readonly number[], rest: Omit<Figure, "value" | "range">): Figure {
  const sorted = rounds.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { ...rest, value, range: [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN] };
}

/** A figure of its own for lifecycles that were refused for overload: none where none was. */
export function refusals(subject: string, refused: number, all: number): readonly Figure[] {
  return refused === 0 ? [] : [{ subject, what: "refused", value: (100 * refused) / all, unit: "%" }];
}

export function missed({ value, most }: Figure): boolean {
  return most !== undefined && !(value <= most);
}

/** `SQLite, 1 KiB` */
export function subjectOf(kind: StoreKind, bytes?: number): string {
  const store = kind === "sqlite" ? "SQLite" : "Redis";
  return bytes === undefined ? store : `${store}, ${bytes / 1024} KiB`;
}
