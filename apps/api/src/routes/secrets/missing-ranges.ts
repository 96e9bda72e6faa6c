import { type DepositedSome, MISSING_RANGES_MAX } from "@mayfly/wire";

/** First and last of each run of ascending part numbers, at most the first runs that the protocol allows. */
export function missingRanges(parts: Iterable<number>): DepositedSome["missing"] {
  const ranges: DepositedSome["missing"] = [];
  for (const part of parts) {
    const run = ranges.at(-1);
    if (run && run[1] === part - 1) run[1] = part;
    else if (ranges.length === MISSING_RANGES_MAX) break;
    else ranges.push([part, part]);
  }
  return ranges;
}
