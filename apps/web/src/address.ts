import { CryptoError, type CryptoReason, type LinkCode, type PastedLink, readLink } from "@mayfly/crypto";
import { pages } from "@mayfly/wire";

/** What the page's address asks for. Decided here, without asking anyone anything. */
export type Address =
  | { page: "compose" }
  | { page: "open" | "manage"; code: LinkCode; sawServer: boolean }
  /** A link of the other kind than this address is for. */
  | { page: "mixed"; code: LinkCode; sawServer: boolean }
  /** A link was meant, and there is none that is whole. `wanted` is what this address is for. */
  | { page: "broken"; wanted: "open" | "manage"; reason: LinkFault; sawServer: boolean }
  /** The page was left: what it showed is cleared. */
  | { page: "cleared" }
  /** There is no such page. */
  | { page: "lost" };

export type LinkFault = Extract<
  CryptoReason,
  "link_missing" | "link_incomplete" | "link_damaged" | "link_version" | "link_flags"
>;

/** The page for an address, given in full; never throws. */
export function decideAddress(href: string): Address {
  const { pathname, hash } = new URL(href);
  if (pathname === pages.compose && hash === "") return { page: "compose" };
  const wanted = pathname.toLowerCase().replace(/\/?(?:%.*)?$/, "") === pages.manage ? "manage" : "open";
  const forLinks = pathname.replace(/\/$/, "") === pages[wanted];
  const found = read(href);
  if (typeof found !== "string") return pageFor(found, forLinks ? wanted : undefined);
  const sawServer = /%(?:25)*23/.test(pathname);
  if (forLinks || sawServer) return { page: "broken", wanted, reason: found, sawServer };
  return pathname === pages.compose ? { page: "compose" } : { page: "lost" };
}

/** The page for what a person pasted where a link was wanted; a reason when it holds no whole link. */
export function decidePasted(text: string): Address | LinkFault {
  const found = read(text);
  return typeof found === "string" ? found : pageFor({ ...found, sawServer: false }, undefined);
}

/**
 * What the address bar shows of `href` from then on. A link is taken out of it, but for one that this page refuses to
 * work with: it is wanted again, in another browser or mended. A path that holds a link is never asked for again.
 */
export function shownPath(address: Address, href: string, isRefused: boolean): string {
  const { pathname, hash } = new URL(href);
  switch (address.page) {
    case "open":
      return isRefused && !address.sawServer ? pathname + hash : pages.open;
    case "manage":
      return isRefused && !address.sawServer ? pathname + hash : pages.manage;
    case "broken":
      return address.sawServer ? pages[address.wanted] : pathname + hash;
    case "mixed":
      return address.code.kind === "link" ? pages.manage : pages.open;
    default:
      return pathname;
  }
}

function pageFor({ code, sawServer }: PastedLink, wanted: "open" | "manage" | undefined): Address {
  const own = code.kind === "manage" ? "manage" : "open";
  return { page: wanted !== undefined && wanted !== own ? "mixed" : own, code, sawServer };
}

function read(text: string): PastedLink | LinkFault {
  try {
    return readLink(text);
  } catch (error) {
    if (error instanceof CryptoError) return error.reason as LinkFault;
    throw error;
  }
}
