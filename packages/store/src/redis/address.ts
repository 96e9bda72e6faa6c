import { StoreRefused } from "../errors.ts";

/** Where a Redis is, and the credentials for it. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  /** The Sentinels that know the primary of the group. `host` and `port` are the first Sentinel's. */
  readonly sentinels?: { readonly group: string; readonly at: readonly Place[] };
  /** Some nodes of a cluster; each knows all nodes. `host` and `port` are the first node's. */
  readonly cluster?: readonly Place[];
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

const SENTINEL =
  /^redis\+sentinel:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\/([^?#]*))?$/;
const CLUSTER = /^redis(s?)\+cluster:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]*)(?:\/([^?#]*))?$/;

/**
 * Parses `redis[s]://[[user]:password@]host[:port][/db]`,
 * `redis+sentinel://[[user]:password@]host[:port],…/group[/db]` or
 * `redis[s]+cluster://[[user]:password@]host[:port],…`. User and password are the servers'.
 * @throws StoreRefused, without any part of the URL.
 */
export function parseAddress(text: string): Address {
  const refuse = (what: string) => new StoreRefused([`The Redis URL ${what}.`]);
  if (text.startsWith("redis+sentinel:")) return sentinelAddress(text, refuse);
  if (/^rediss?\+cluster:/.test(text)) return clusterAddress(text, refuse);
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
  const at = placesIn(places, 26_379);
  if (at === null) throw refuse("does not list Sentinels as host:port,host:port");
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

function clusterAddress(text: string, refuse: (what: string) => StoreRefused): Address {
  const [, tls = "", username = "", password = "", places = "", db = ""] = CLUSTER.exec(text) ?? [];
  const at = placesIn(places, 6379);
  const [first] = at ?? [];
  if (at === null || first === undefined) throw refuse("does not list nodes as host:port,host:port");
  if (!/^0?$/.test(db)) throw refuse("has a path: a cluster has database 0 only");
  return {
    ...first,
    tls: tls !== "",
    db: 0,
    username: username === "" ? null : decoded(username, refuse),
    password: password === "" ? null : decoded(password, refuse),
    cluster: at,
  };
}

/** null: not a list of hosts. */
function placesIn(text: string, usualPort: number): readonly Place[] | null {
  const places: Place[] = [];
  for (const each of text.split(",")) {
    const [, ip, name, port = String(usualPort)] =
      /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(each) ?? [];
    const host = ip ?? name;
    if (host === undefined || Number(port) > 65_535) return null;
    places.push({ host, port: Number(port) });
  }
  return places;
}

function decoded(text: string, refuse: (what: string) => StoreRefused): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse("has a name or password with a bad percent sign");
  }
}
