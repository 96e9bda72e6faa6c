/**
 * Parsers of one variable's text. Each returns the value or throws a `Fault`, whose words say what is allowed
 * and never repeat the text: it may be a secret in the wrong place.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Restored } from "@mayfly/store";

export class Fault extends Error {}

export type Parser<T> = (text: string) => T;

export function integer(min: number, max: number): Parser<number> {
  return (text) => {
    const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Fault(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

export const boolean: Parser<boolean> = (text) => {
  if (text !== "true" && text !== "false") throw new Fault("must be true or false");
  return text === "true";
};

export function oneOf<const T extends string>(...words: readonly T[]): Parser<T> {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw new Fault(`must be one of: ${words.join(", ")}`);
    return word;
  };
}

export const nonEmpty: Parser<string> = (text) => {
  if (text.trim() === "") throw new Fault("must not be empty");
  return text;
};

/**
 * An address to listen on. Only the IPv4 address of `localhost`: Fastify opens a second server for its IPv6 address, which has neither
 * our limits on connections nor our answers to broken requests.
 */
export const listenAddress: Parser<string> = (text) => {
  const address = nonEmpty(text);
  return address === "localhost" ? "127.0.0.1" : address;
};

/** Long enough that nobody finds it by trying. */
export const key: Parser<string> = (text) => {
  if (text.length < 32)
    throw new Fault("must have 32 characters or more, such as `openssl rand -base64 32` gives");
  return text;
};

/** An origin such as `https://secrets.example.org`, without path, query or credentials. */
export const origin: Parser<URL> = (text) => {
  const url = URL.parse(text);
  const plain =
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.pathname === "/" &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "" &&
    url.password === "" &&
    !text.endsWith("?") &&
    !text.endsWith("#");
  if (!plain) throw new Fault("must be an http(s) address without path, such as https://secrets.example.org");
  return url;
};

const REDIS_PROTOCOLS = ["redis:", "rediss:", "redis+sentinel:", "redis+cluster:", "rediss+cluster:"];

export const redisUrl: Parser<string> = (text) => {
  // Several hosts are no URL to the parser: the first stands for all of them.
  const url = URL.parse(text.replace(/^(rediss?\+[a-z]+:\/\/[^/,]*),[^/]*/, "$1"));
  if (url === null || !REDIS_PROTOCOLS.includes(url.protocol) || url.hostname === "")
    throw new Fault(
      "must be a redis://, rediss://, redis+sentinel://, redis+cluster:// or rediss+cluster:// address",
    );
  if (["redis", "password", "changeme", "foobared"].includes(decoded(url.password)))
    throw new Fault("has a well-known default password: choose another");
  return text;
};

/** What the operator says of a store that was put back: `discard:CODE` or `accept:CODE`. */
export const restored: Parser<Restored> = (text) => {
  const [, way, code] = /^(discard|accept):([0-9a-f]{12})$/.exec(text) ?? [];
  if (code === undefined || (way !== "discard" && way !== "accept"))
    throw new Fault("must be discard:CODE or accept:CODE, with the code that the refused start printed");
  return { way, code };
};

/** A certificate of a certificate authority, or several. */
export const certificates: Parser<string> = (text) => {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new Fault("must be certificates in PEM");
  return text;
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault("has a password with an invalid percent sign: write % as %25");
  }
}

/** Addresses and CIDRs, separated by commas or blanks. Host names, counts and `true` are refused: they would trust strangers. */
export const addresses: Parser<readonly string[]> = (text) => {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix, ...rest] = entry.split("/");
    const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : null;
    const most = family === "ipv4" ? 32 : 128;
    const bits = prefix === undefined ? most : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (family === null || rest.length > 0 || !(bits >= 1 && bits <= most))
      throw new Fault("must be IP addresses and CIDRs, separated by commas, such as 127.0.0.1, 10.0.0.0/8");
    list.addSubnet(address, bits, family);
  }
  return entries;
};
