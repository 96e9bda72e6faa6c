import type { Service } from "@mayfly/wire";

/** Seconds, in the order offered. */
const lifetimes = [300, 3600, 86_400, 604_800, 2_592_000];
const readers = [1, 2, 5, 10];
const usualLifetime = 86_400;

/** What a sender may choose, within the service's own limits where they are known. */
interface Choices {
  lifetimes: number[];
  lifetime: number;
  reads: number[];
}

/** The choices, with the service's shortest and longest lifetime standing in when it allows none of the usual ones. */
export function choicesOf(limits: Service["limits"] | undefined): Choices {
  const { min, max } = limits?.lifetimeSeconds ?? { min: 0, max: Number.POSITIVE_INFINITY };
  const allowed = lifetimes.filter((seconds) => seconds >= min && seconds <= max);
  const offered = allowed.length > 0 ? allowed : [...new Set([min, max])];
  const preferred = limits?.lifetimeSeconds.default ?? usualLifetime;
  const lifetime = offered.includes(preferred) ? preferred : (offered.at(-1) as number);
  return {
    lifetimes: offered,
    lifetime,
    reads: readers.filter((reads) => reads <= (limits?.readsMax ?? 100)),
  };
}
