import type { Catalogue } from "./catalogue.ts";
import { type Formats, formatsIn } from "./formats.ts";

/** Each language is a chunk of its own. The key is its BCP 47 language subtag. */
const catalogues: Record<string, () => Promise<(formats: Formats) => Catalogue>> = {
  en: async () => (await import("./en.ts")).english,
};

const fallback = "en";
const languageOf = (locale: string) => locale.toLowerCase().split("-", 1)[0] as string;

/** The first of a person's languages, as the browser lists them, that has a catalogue; else English. */
export function pickLocale(wanted: readonly string[]): string {
  return wanted.find((locale) => Object.hasOwn(catalogues, languageOf(locale))) ?? fallback;
}

/** The sentences in the language of `locale`, with its region's dates and numbers. Rejects when the chunk is lost. */
export async function load(locale: string): Promise<Catalogue> {
  const catalogue = catalogues[languageOf(locale)] ?? catalogues[fallback];
  return (await catalogue?.())?.(formatsIn(locale)) as Catalogue;
}
