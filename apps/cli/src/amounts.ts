/** Times, lengths of time, counts and sizes, for people. */

const units = [
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Seconds of "5m", "1h", "7d", "2w" or "90s"; null for anything else. */
export function secondsOf(text: string): number | null {
  const [, number, letter] = /^(\d{1,8})([smhdw])$/.exec(text) ?? [];
  const unit = units.find(([name]) => name.startsWith(letter ?? "?"));
  return unit === undefined ? null : Number(number) * unit[1];
}

/** A length of time in the largest unit that leaves no rest: "90 minutes", "7 days". */
export function span(seconds: number): string {
  const [unit, size] = units.find(([name, size]) => name !== "week" && seconds % size === 0) ?? ["second", 1];
  return count(seconds / size, unit, `${unit}s`);
}

export function count(number: number, one: string, many: string): string {
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}

/** Bytes in the unit that people know. */
export function size(bytes: number): string {
  if (bytes < 1e3) return count(bytes, "byte", "bytes");
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return `${(Math.ceil(bytes / 1e5) / 10).toFixed(1)} MB`;
}

const local = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});

/** An ISO 8601 time, in this machine's zone and as it came. */
export function time(iso: string): string {
  return `${local.format(new Date(iso))} (${iso})`;
}
