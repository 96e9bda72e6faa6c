/** Numbers, amounts and times as people read them, in one language and the reader's own time zone. */
export interface Formats {
  /** Day, month, year, hour, minute and zone of an ISO 8601 time. */
  exact(iso: string): string;
  /** Hour, minute and second of an ISO 8601 time, for what ends within the hour. */
  clock(iso: string): string;
  /** A duration in its largest whole unit, rounded up: "5 minutes", "7 days". */
  span(seconds: number): string;
  /** Bytes in the unit that people know: "40 kB". */
  size(bytes: number): string;
  /** The form for this number, with the number in place of each "#". */
  plural(number: number, forms: PluralForms): string;
}

/** By the language's plural categories (Unicode CLDR): English needs `one` and `other`, Polish four, Arabic six. */
type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const durations = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** `locale` is a BCP 47 tag: "en-GB". `timeZone` is the machine's own unless it is given. */
export function formatsIn(locale: string, timeZone?: string): Formats {
  const zone = timeZone === undefined ? {} : { timeZone };
  const exact = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    ...zone,
  });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium", ...zone });
  const number = new Intl.NumberFormat(locale);
  const rules = new Intl.PluralRules(locale);
  const inUnit = (value: number, unit: string, unitDisplay: "long" | "short") =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 }).format(
      value,
    );
  return {
    exact: (iso) => exact.format(new Date(iso)),
    clock: (iso) => clock.format(new Date(iso)),
    span(seconds) {
      const [unit, length] = durations.find(([, length]) => seconds >= length) ?? (["second", 1] as const);
      return inUnit(Math.ceil(seconds / length), unit, "long");
    },
    size(bytes) {
      if (bytes < 1e3) return inUnit(bytes, "byte", "long");
      return bytes < 1e6
        ? inUnit(Math.ceil(bytes / 1e3), "kilobyte", "short")
        : inUnit(bytes / 1e6, "megabyte", "short");
    },
    plural: (value, forms) =>
      (forms[rules.select(value)] ?? forms.other).replaceAll("#", number.format(value)),
  };
}
