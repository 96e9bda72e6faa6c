import { CryptoError, type LinkCode, type LinkKind, linkOrigin, readLink } from "@mayfly/client";
import { describeError } from "../error-description.ts";
import { Fault } from "../fault.ts";
import type { Invocation } from "../invocation.ts";
import { type Io, isTyped, tell } from "../io.ts";
import { readAll, textIn } from "./bytes.ts";
import { demandTerminal, type Terminal } from "./terminal.ts";

/** A link, whole, and where it leads. */
interface GivenLink {
  code: LinkCode;
  /** The service's origin, undefined for a code alone. */
  origin: string | undefined;
}

const longestPaste = 64 * 1024;
const tries = 3;

const wrongKind: Record<LinkKind, string> = {
  link: "This is a manage link. It does not open the secret: it shows its state and deletes it, and belongs to the sender. Ask for the other link.",
  manage:
    "This is the recipient's link. To delete the secret you need the manage link, which its sender got with it.",
};

/**
 * The link from the argument, from what is piped in, or typed when asked. Throws CryptoError `link_…` for what holds no
 * whole link, Fault "link" for one of another kind than `wanted`.
 */
export async function linkGiven(
  invocation: Invocation,
  io: Io,
  terminal: Terminal,
  wanted: LinkKind | "any",
): Promise<GivenLink> {
  const pasted = await pastedText(invocation, io, terminal);
  const { code, sawServer } = readLink(pasted);
  if (wanted !== "any" && code.kind !== wanted) throw new Fault("link", wrongKind[wanted]);
  if (sawServer)
    tell(
      io,
      "This link came with its # changed: whatever changed it, and the service if anybody visited it so, have seen all of it. Tell the sender if that matters.",
    );
  return { code, origin: linkOrigin(pasted, code) };
}

async function pastedText({ operand }: Invocation, io: Io, terminal: Terminal): Promise<string> {
  if (operand !== undefined) return operand;
  if (isTyped(io)) return typedLink(terminal);
  const text = textIn(await readAll(io.stdin, longestPaste, io.signal));
  if (text === null) throw new Fault("link", "What was piped in is no text, so there is no link in it.");
  return text;
}

/** A link that was wrapped comes in several lines, and Enter ends the first: the rest is asked for. */
async function typedLink(terminal: Terminal): Promise<string> {
  demandTerminal(terminal, "pipe the link in.");
  let text = await terminal.ask("Link (not shown): ");
  for (let left = tries; left > 1; left--) {
    const fault = faultOf(text);
    if (fault === null) break;
    text += `\n${await terminal.ask(`${fault}\nThe rest of it, or the whole again: `)}`;
  }
  return text;
}

/** Why there is no whole link in a text, or null when there is one. */
function faultOf(text: string): string | null {
  try {
    readLink(text);
    return null;
  } catch (error) {
    if (error instanceof CryptoError) return describeError(error).sentence;
    throw error;
  }
}
