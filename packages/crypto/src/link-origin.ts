import { encodeLinkCode, type LinkCode } from "./link-code.ts";
import { blanks } from "./pasted-link.ts";

const address = /https?:\/\/(?:\[[0-9a-f:.]+\](?::\d{1,5})?|[^\s/?#<>"'()[\]{}|\\^`]+)/gi;
const bareHost = /([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)\/[sm]\/?#$/i;
// An address further from the code does not belong to the link. Gateways do not escape a link more often.
const nearest = 2_000;
const mostEscapes = 5;

/**
 * The origin of a pasted link's service, or undefined for a bare code. `code` is the code that readLink
 * found. Percent escapes are decoded, because gateways put the whole link into a query; the last address
 * before the code is the link's.
 */
export function linkOrigin(pasted: string, code: LinkCode): string | undefined {
  const whole = pasted.split(blanks).join("");
  const end = Math.max(whole.indexOf(encodeLinkCode(code)), 0);
  const before = unescaped(whole.slice(Math.max(end - nearest, 0), end));
  const found = before.match(address)?.at(-1) ?? withScheme(bareHost.exec(before)?.[1]);
  return found !== undefined && URL.canParse(found) ? new URL(found).origin : undefined;
}

/** Adds the scheme, which chats leave out. */
function withScheme(host: string | undefined): string | undefined {
  return host === undefined ? undefined : `https://${host}`;
}

/**
 * Decodes percent escapes of ASCII up to `mostEscapes` times: each gateway may have escaped the link again.
 */
function unescaped(text: string): string {
  let plain = text;
  for (let pass = 0; pass < mostEscapes; pass++)
    plain = plain.replaceAll(/%([2-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain;
}
