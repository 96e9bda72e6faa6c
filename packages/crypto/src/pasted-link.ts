import { CryptoError } from "./crypto-error.ts";
import { codeLength, decodeLinkCode, type LinkCode } from "./link-code.ts";

/** A link as found in what was pasted, or in the page's own address. */
export interface PastedLink {
  code: LinkCode;
  /** Whether anything but a clean link or a bare code was pasted: gateways and chats change links. */
  repaired: boolean;
  /** Whether the code stood in the path or query, so that a server, and perhaps a gateway, saw all of the link. */
  sawServer: boolean;
}

/** A run of code characters, and what stands before it in the same word. */
interface Run {
  text: string;
  before: string;
}

/** Blanks, line ends, and the invisible characters that chats put into long words. Not for other packages. */
export const blanks: RegExp = /[\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]+/;
// "#", or what gateways make of it, once or several times over.
const mark = /#|%(?:25)*23/i;
// Marks and other escapes first, so that their digits never count as a part of a code.
const runPattern = /%(?:25)*[0-9a-f]{2}|([A-Za-z0-9_-]+)/gi;
// A shorter run that no mark announces is a word, a host or a UUID, and not the rest of a code.
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

/** The run that was meant to be the code: the longest after a mark, or else the longest that is long enough. */
function likeliest(runs: readonly Run[]): Run | undefined {
  const longestFirst = runs.toSorted((a, b) => b.text.length - a.text.length);
  return (
    longestFirst.find((run) => mark.test(run.before)) ??
    longestFirst.find((run) => run.text.length >= shortestBareRun)
  );
}

/**
 * The link code in what a person pasted or what location.href holds: a link, a bare code, or either of them inside
 * other text, wrapped, in brackets, with punctuation behind it, or with its "#" escaped. Only a code whose checksum is
 * right is ever found. Throws CryptoError "link_missing" when nothing looks like a code, else as decodeLinkCode does for
 * the likeliest piece ("link_incomplete", "link_damaged", "link_version", "link_flags").
 */
export function readLink(pasted: string): PastedLink {
  const words = pasted.split(blanks);
  const runs = words.flatMap(runsIn);
  // The whole without blanks comes last: it also joins a code to the words around it.
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
