import { StoreRefused } from "../errors.ts";

/** Where a Redis is and how to enter it. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
}

/** Reads `redis[s]://[[user]:password@]host[:port][/db]`. Throws StoreRefused, never repeating what it was given. */
export function parseAddress(text: string): Address {
  const refuse = (what: string) => new StoreRefused([`The Redis URL ${what}.`]);
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

function decoded(text: string, refuse: (what: string) => StoreRefused): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse("has a user name or password with a bad percent sign");
  }
}
