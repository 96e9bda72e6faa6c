/** A string of a JSON text, and the colon that makes it a key. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

/**
 * True when some object in `text` names a key twice: parsers disagree about which one counts, so none does. `value` is what
 * `JSON.parse(text)` gave; the keys written are compared with the keys that came out.
 */
export function repeatsKey(text: string, value: unknown): boolean {
  // As most programs write it: each key once, and nothing between. Found out for a tenth of what counting costs.
  if (JSON.stringify(value) === text) return false;
  let written = 0;
  for (const [, colon] of text.matchAll(STRING)) if (colon !== undefined) written += 1;
  return written !== keysIn(value);
}

function keysIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce<number>((sum, each) => sum + keysIn(each), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
