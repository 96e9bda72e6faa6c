/** The middle one; of an even number the upper of the two. NaN of none. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** The smallest number that at least the fraction `of` of them does not exceed. NaN of none. */
export function quantile(numbers: readonly number[], of: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN;
}
