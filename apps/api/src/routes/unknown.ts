import { API_PREFIX, methodsOf, operatorRoutes, pages, routes } from "@mayfly/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { closeBehind } from "../http/closing.ts";
import { ProblemError, sendProblem } from "../http/problem.ts";
import { securityHeaders } from "../plugins/helmet.ts";
import { rateLimitOf } from "../plugins/rate-limit.ts";
import { type Page, sendDocument } from "./page.ts";
import type { RouteContext } from "./route.ts";

/** The known paths as patterns, with the methods each takes. */
function methodsByPath(hasPage: boolean): { pattern: RegExp; methods: string[] }[] {
  const methods = Map.groupBy(
    [
      ...[...Object.values(routes), ...Object.values(operatorRoutes)],
      ...(hasPage ? Object.values(pages) : []).map((path) => ({ method: "GET", path }) as const),
    ],
    ({ path }) => path,
  );
  return [...methods].map(([path, known]) => ({
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    methods: known.flatMap(methodsOf),
  }));
}

/**
 * Everything no route takes: 405 with `Allow` where only the method is wrong, 404 as a problem under /api/, and elsewhere the
 * page with status 404, the same bytes for every address. Nothing of the address is answered or kept: a gateway may have
 * turned the link's `#` into `%23`, and then the address is the link. A body is not awaited, of whatever type it is.
 */
export function answerUnknown(app: FastifyInstance, context: RouteContext, page: Page | null): void {
  const known = methodsByPath(page !== null);
  const limit = context.limits.counts !== null ? app.rateLimit(rateLimitOf("unknown")) : null;
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    await limit?.call(app, request, reply);
    const path = request.url.split("?", 1)[0] ?? "";
    const methods = known.find(({ pattern }) => pattern.test(path))?.methods;
    if (methods === undefined) {
      if (page !== null && wantsPage(request)) return sendDocument(request, reply, page, 404);
      throw new ProblemError("not_found");
    }
    reply.header("allow", methods.join(", "));
    throw new ProblemError("method_not_allowed");
  };
  app.addHook("onRequest", (request, reply, done) => {
    if (request.is404) answer(request, reply).catch(done);
    else done();
  });
}

/**
 * Answers an address whose percent signs decode to nothing, before any route or hook has seen it: like one that does not exist.
 * Fastify's own answer would repeat it.
 */
export function answerBadUrl(
  page: Page | null,
  refuseHost: (request: FastifyRequest) => void,
): NonNullable<FastifyServerOptions["frameworkErrors"]> {
  return (_error, request, reply) => {
    // No hook sees this answer, so that none limits how many one connection asks for.
    reply.headers(securityHeaders).header("connection", "close");
    closeBehind(request.raw.socket);
    try {
      refuseHost(request);
      if (page === null || !wantsPage(request)) throw new ProblemError("not_found");
      sendDocument(request, reply, page, 404);
    } catch (error) {
      sendProblem(reply, error as ProblemError);
    }
  };
}

function wantsPage({ method, url }: FastifyRequest): boolean {
  return (method === "GET" || method === "HEAD") && !url.startsWith(API_PREFIX);
}
