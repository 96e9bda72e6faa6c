/**
 * Whether two classes of requests take the same time: Welch's t-test, as leakage is assessed elsewhere
 * (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?", 2016). Beyond 4.5 either way, the classes differ.
 */
export const T_MAX = 4.5;

export interface Comparison {
  readonly t: number;
  /** Difference of the means, and the smallest difference that would have been seen; in the samples' unit. */
  readonly difference: number;
  readonly visible: number;
}

/**
 * Compares after cropping: of both classes what lies above the given quantile of all is left out, because the long tail is the
 * machine's, not the program's.
 */
export function compare(a: readonly number[], b: readonly number[], quantile: number): Comparison {
  const sorted = [...a, ...b].sort((x, y) => x - y);
  const limit = sorted[Math.ceil(quantile * sorted.length) - 1] ?? Number.POSITIVE_INFINITY;
  const [first, second] = [a, b].map((samples) => describe(samples.filter((sample) => sample <= limit)));
  if (!first || !second) throw new Error("unreachable");
  const error = Math.sqrt(first.variance / first.count + second.variance / second.count);
  const difference = first.mean - second.mean;
  return { t: difference / error, difference, visible: T_MAX * error };
}

function describe(samples: readonly number[]): { count: number; mean: number; variance: number } {
  const count = samples.length;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / count;
  const variance = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (count - 1);
  return { count, mean, variance };
}
