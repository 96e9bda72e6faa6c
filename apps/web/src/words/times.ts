/** Times as people read them, in a catalogue's language and the reader's own zone. */
export interface Times {
  /** Day, month, year, hour, minute and zone of an ISO 8601 time. */
  exact(iso: string): string;
  /** Hour, minute and second of an ISO 8601 time, for what ends within the hour. */
  clock(iso: string): string;
  /** A length of time in its largest whole unit: "5 minutes", "7 days". */
  span(seconds: number): string;
}

const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

export function timesIn(language: string, timeZone?: string): Times {
  const exact = new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    ...(timeZone !== undefined && { timeZone }),
  });
  const clock = new Intl.DateTimeFormat(language, {
    timeStyle: "medium",
    ...(timeZone !== undefined && { timeZone }),
  });
  return {
    exact: (iso) => exact.format(new Date(iso)),
    clock: (iso) => clock.format(new Date(iso)),
    span(seconds) {
      const [unit, size] = units.find(([, size]) => seconds >= size) ?? (["second", 1] as const);
      const style = { style: "unit", unit, unitDisplay: "long" } as const;
      return new Intl.NumberFormat(language, style).format(Math.ceil(seconds / size));
    },
  };
}
