import { encodeLinkCode, type LinkCode } from "@mayfly/crypto";

const blanks = /[\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]+/g;
const address = /https?:\/\/(?:\[[0-9a-f:.]+\](?::\d{1,5})?|[^\s/?#<>"'()[\]{}|\\^`]+)/gi;
const bareHost = /([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)\/[sm]\/?#$/i;

/**
 * The origin of the service that a pasted link leads to, or undefined for a bare code. `code` is what readLink found in
 * it. Escapes are undone, since a gateway puts the whole link into a query of its own; then the last address before the
 * code is the link's.
 */
export function linkOrigin(pasted: string, code: LinkCode): string | undefined {
  const whole = pasted.replaceAll(blanks, "");
  const before = unescaped(whole.slice(0, Math.max(whole.indexOf(encodeLinkCode(code)), 0)));
  const found = before.match(address)?.at(-1) ?? withScheme(bareHost.exec(before)?.[1]);
  return found !== undefined && URL.canParse(found) ? new URL(found).origin : undefined;
}

/** Chats leave out the scheme. */
function withScheme(host: string | undefined): string | undefined {
  return host === undefined ? undefined : `https://${host}`;
}

function unescaped(text: string): string {
  // Undone as often as it was done: one that is not of ASCII has no place before a code.
  const once = text.replaceAll(/%([2-7][0-9a-f])/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return once === text ? text : unescaped(once);
}
