import { timesIn } from "../times.ts";

/** Times, counts and sizes in English. */
export const { exact, clock, span } = timesIn(
  globalThis.navigator?.languages?.find((language) => /^en\b/.test(language)) ?? "en",
);

/** "1 try", "2 tries". */
export const count = (number: number, one: string, many: string) =>
  number === 1 ? `1 ${one}` : `${number} ${many}`;

/** Bytes in the unit that people know. */
export const size = (bytes: number) => {
  if (bytes < 1e3) return count(bytes, "byte", "bytes");
  return bytes < 1e6
    ? `${Math.ceil(bytes / 1e3)} kB`
    : `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;
};
