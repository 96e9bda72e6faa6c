import { operatorRoutes } from "@mayfly/wire";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

/** In the form that a `Host` header has, without its port: `localhost` and names below it, 127.0.0.0/8, [::1]. */
const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** What no public DNS answers: an IP literal, or a name of one label, as in a container network. */
const NOT_IN_DNS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|[a-z0-9_-]+)$/;

const operatorPaths = new Set<string | undefined>(Object.values(operatorRoutes).map(({ path }) => path));

/**
 * Throws `misdirected` unless the request names this service. DNS rebinding lets a page of any site reach any address of
 * its visitor's network, but always under the name of that site. Served are the host of PUBLIC_URL and loopback names, on
 * any port. Where there is a PUBLIC_URL, probes may also name the operator's routes by IP literal or a name of one label.
 * A request of HTTP/1.0 without a host comes from no browser: it reaches the operator's routes alone.
 * Several `Host` lines are a 400 (RFC 9112, section 3.2): a proxy in front may have believed another one than Node.
 */
export function refuseOtherHosts(publicOrigin: string | null): (request: FastifyRequest) => void {
  const publicHost = publicOrigin === null ? null : new URL(publicOrigin).hostname;
  return (request) => {
    const host = hostOf(request);
    if (host === publicHost || LOOPBACK.test(host)) return;
    if (operatorPaths.has(request.routeOptions.url)) {
      if (host === "" || (publicHost !== null && NOT_IN_DNS.test(host))) return;
    }
    throw new ProblemError("misdirected");
  };
}

/** In lower case, without the port; "" where none is told. Throws a 400 for several, and where HTTP/1.1 wants one. */
function hostOf({ raw }: FastifyRequest): string {
  const { host } = raw.headers;
  // `headers` keeps only the first. In `rawHeaders` names and values alternate.
  const lines = raw.rawHeaders.filter((text, index) => index % 2 === 0 && /^host$/i.test(text)).length;
  if (lines > 1 || (lines === 0 && raw.httpVersion !== "1.0")) throw new ProblemError("invalid_request");
  // An address with a host in it overrules the header (RFC 9112, section 3.2.2).
  const [, named = host ?? ""] = /^https?:\/\/([^/?#]*)/i.exec(raw.url ?? "") ?? [];
  return named.replace(/:\d*$/, "").toLowerCase();
}
