import { CryptoError } from "./crypto-error.ts";
import { codeLength, decodeLinkCode, type LinkCode } from "./link-code.ts";

/** A link code found in pasted text or in the page's own address. */
export interface PastedLink {
  code: LinkCode;
  /**
   * False for a clean link or a bare code. True for any other text, since gateways and chats change links.
   */
  repaired: boolean;
  /** Whether the code stood in the path or query, which are sent to a server. */
  sawServer: boolean;
}

/** A run of base64url characters, and the text before the run in its word. */
interface Run {
  text: string;
  before: string;
}

/** White space, and invisible characters that chats put into long words. Internal to this package. */
export const blanks: RegExp = /[\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]+/;
// "#", percent-escaped any number of times by gateways.
const mark = /#|%(?:25)*23/i;
// Percent escapes are matched first, so that their digits never count as part of a code.
const runPattern = /%(?:25)*[0-9a-f]{2}|([A-Za-z0-9_-]+)/gi;
// A shorter run without a mark before it is a word, a host or a UUID, not part of a code.
const shortestBareRun = 40;

function runsIn(word: string): Run[] {
  const runs: Run[] = [];
  for (const found of word.matchAll(runPattern)) {
    if (found[1]) runs.push({ text: found[1], before: word.slice(0, found.index) });
  }
  return runs;
}

function attempt(code: string): LinkCode | CryptoError {
  try {
    return decodeLinkCode(code);
  } catch (error) {
    return error as CryptoError;
  }
}

/**
 * The run most likely meant as the code: the longest after a mark, else the longest of at least
 * `shortestBareRun`.
 */
function likeliest(runs: readonly Run[]): Run | undefined {
  const longestFirst = runs.toSorted((a, b) => b.text.length - a.text.length);
  return (
    longestFirst.find((run) => mark.test(run.before)) ??
    longestFirst.find((run) => run.text.length >= shortestBareRun)
  );
}

/**
 * Finds the link code in pasted text or location.href. The link may stand in other text, be wrapped or
 * bracketed, or have its "#" escaped. The code's checksum is always valid. Throws CryptoError "link_missing"
 * if nothing looks like a code, else the reason of decodeLinkCode for the likeliest run.
 */
export function readLink(pasted: string): PastedLink {
  const words = pasted.split(blanks);
  const runs = words.flatMap(runsIn);
  // The joined text comes last, because joining may also attach a neighbouring word to a code.
  const joinedRuns = runsIn(words.join(""));
  for (const { text, before } of [...runs, ...joinedRuns]) {
    const code = attempt(text.slice(0, codeLength));
    if (code instanceof CryptoError) continue;
    const clean = pasted === before + text && text.length === codeLength && /^(?:[^<>]*#)?$/.test(before);
    const sawServer = !before.includes("#") && /[/?]|%(?:25)*23/i.test(before);
    return { code, repaired: !clean, sawServer };
  }
  const meant = likeliest(runs) ?? likeliest(joinedRuns);
  throw meant ? attempt(meant.text) : new CryptoError("link_missing");
}
