import { isIPv6 } from "node:net";

/** How much the name at `index` may do, where one client may do `most`. */
export function allowance(most: number, index: number): number {
  return most * (1 << index);
}

/**
 * The names that one client is counted under, narrowest first: an IPv4 address, or the /64, /56 and /48 of an IPv6 address. Each
 * name may do twice as much as the one before it (see `allowance`), so that a whole /48 is four clients and not 65,536.
 *
 * IPv4 also in its IPv6 forms (`::ffff:0:0/96`, and `64:ff9b::/96` of RFC 6052).
 */
export function namesOf(forwarded: string): readonly string[] {
  const address = withoutPort(forwarded);
  if (!address.includes(":")) return [address];
  const [bare = ""] = address.split("%", 1);
  if (!isIPv6(bare)) return [address.toLowerCase()];
  const groups = groupsOf(bare);
  const prefix = groups.slice(0, 6).join(":");
  if (prefix === "0:0:0:0:0:ffff" || prefix === "64:ff9b:0:0:0:0") return [lastAsIPv4(groups)];
  const [a, b, c, d = "0"] = groups;
  const home = d.length > 2 ? d.slice(0, -2) : "0";
  return [`${a}:${b}:${c}:${d}/64`, `${a}:${b}:${c}:${home}/56`, `${a}:${b}:${c}/48`];
}

/** Some proxies forward `203.0.113.6:4711` or `[2001:db8::6]:4711`: each connection would be a client of its own. */
function withoutPort(address: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(address) ?? [];
  return bracketed ?? plain ?? address;
}

/** The eight groups of a valid address, in lower case and without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("::", 2).map((side) => (side === "" ? [] : side.split(":")));
  if (tail === undefined) return normal(head as string[]);
  const [before, after] = [normal(head as string[]), normal(tail)];
  return [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
}

function normal(groups: readonly string[]): string[] {
  return groups.flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16).toString(16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  });
}

function lastAsIPv4(groups: readonly string[]): string {
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((value) => [value >> 8, value & 255])
    .join(".");
}
