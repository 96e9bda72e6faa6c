/** What a run tells its programs besides the environment, as their one argument. */

export interface Told {
  /** See `steppedClock`; null: the machine's clock. */
  readonly clockFile: string | null;
  /** The name of a deliberately wrong store; null: the real one. */
  readonly wrong: string | null;
}

export function told(): Told {
  return JSON.parse(process.argv[2] ?? "") as Told;
}

/** Stops when told to, or when the run that started this process is gone. */
export function stopWhenTold(stop: () => Promise<void>): void {
  const end = () => void stop().finally(() => process.exit(0));
  process.once("SIGTERM", end).once("SIGINT", end).once("disconnect", end);
}
