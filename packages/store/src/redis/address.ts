import { StoreRefused } from "../errors.ts";

/** Where a Redis is and how to enter it. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  /** The Sentinels that know where the group's primary is; `host` and `port` are then the first one's. */
  readonly sentinels?: { readonly group: string; readonly at: readonly Place[] };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

const SENTINEL =
  /^redis\+sentinel:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\/([^?#]*))?$/;

/**
 * Reads `redis[s]://[[user]:password@]host[:port][/db]`, or `redis+sentinel://[[user]:password@]host[:port],…/group[/db]`, where user
 * and password are the servers'. Throws StoreRefused, never repeating what it was given.
 */
export function parseAddress(text: string): Address {
  const refuse = (what: string) => new StoreRefused([`The Redis URL ${what}.`]);
  if (text.startsWith("redis+sentinel:")) return sentinelAddress(text, refuse);
  if (/^rediss?\+/.test(text)) throw refuse("has a form that is not supported");
  if (!URL.canParse(text)) throw refuse("is not a URL");
  const url = new URL(text);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") {
    throw refuse("does not begin with redis:// or rediss://");
  }
  if (url.hostname === "") throw refuse("names no host");
  if (url.search !== "" || url.hash !== "") throw refuse("has parameters, which are not understood");
  const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (db === undefined) throw refuse("has a path that is not a database number");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 6379 : Number(url.port),
    tls: url.protocol === "rediss:",
    db: Number(db),
    username: url.username === "" ? null : decoded(url.username, refuse),
    password: url.password === "" ? null : decoded(url.password, refuse),
  };
}

function sentinelAddress(text: string, refuse: (what: string) => StoreRefused): Address {
  const [, username = "", password = "", places = "", group = "", db = ""] = SENTINEL.exec(text) ?? [];
  const at = places.split(",").map((place): Place => {
    const [, ip, name, port = "26379"] =
      /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(place) ?? [];
    const host = ip ?? name;
    if (host === undefined || Number(port) > 65_535)
      throw refuse("does not list Sentinels as host:port,host:port");
    return { host, port: Number(port) };
  });
  const [first] = at;
  if (first === undefined) throw refuse("names no Sentinel");
  if (group === "") throw refuse("does not name the group that the Sentinels watch");
  if (!/^\d{0,5}$/.test(db)) throw refuse("has a path that is not a group and a database number");
  return {
    ...first,
    tls: false,
    db: Number(db),
    username: username === "" ? null : decoded(username, refuse),
    password: password === "" ? null : decoded(password, refuse),
    sentinels: { group: decoded(group, refuse), at },
  };
}

function decoded(text: string, refuse: (what: string) => StoreRefused): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse("has a name or password with a bad percent sign");
  }
}
