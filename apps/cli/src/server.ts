import { Fault } from "./fault.ts";
import type { Invocation } from "./invocation.ts";
import type { Io } from "./io.ts";

const unset = "Which service? Set MAYFLY_SERVER, or give --server, such as https://mayfly.example.";

/**
 * The origin of the service to talk to: `--server`, or the link's own, or MAYFLY_SERVER. Throws Fault "usage" when there
 * is none, when it is no origin, and for plain http to another machine unless that was allowed.
 */
export function serverFor(
  invocation: Invocation,
  { env }: Io,
  ofLink: string | undefined = undefined,
): string {
  const given = invocation.value("server") ?? ofLink ?? (env.MAYFLY_SERVER || undefined);
  if (given === undefined) throw new Fault("usage", unset);
  return safeOrigin(given, invocation.has("insecure-http"));
}

/** As browsers have it: without TLS only this machine itself can be trusted. */
export function safeOrigin(address: string, insecureAllowed: boolean): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (!url || !isWeb || `${url.origin}/` !== url.href)
    throw new Fault("usage", "The service is named by its origin alone, such as https://mayfly.example.");
  if (url.protocol === "http:" && !isThisMachine(url.hostname) && !insecureAllowed)
    throw new Fault(
      "usage",
      "Over plain http anybody between could change what is sent. Use https, or --insecure-http if you must.",
    );
  return url.origin;
}

function isThisMachine(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
