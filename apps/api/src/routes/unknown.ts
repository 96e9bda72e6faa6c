import { API_PREFIX, type Route, routes } from "@mayfly/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { frozenHeaders, NO_STORE } from "../headers.ts";
import { limited } from "../limiter.ts";
import { ProblemError, sendProblem } from "../problem.ts";
import type { RouteContext } from "../route.ts";
import type { Page } from "./page.ts";

/** The wire's paths as patterns, with the methods each takes. */
const methodsByPath = new Map<string, { pattern: RegExp; methods: string[] }>();
for (const route of Object.values<Route>(routes)) {
  const known = methodsByPath.get(route.path);
  if (known) known.methods.push(route.method);
  else {
    const pattern = new RegExp(`^${route.path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    methodsByPath.set(route.path, { pattern, methods: [route.method] });
  }
}

/**
 * Everything no route takes: 405 with `Allow` where only the method is wrong, 404 as a problem under /api/, and elsewhere the
 * page with status 404, the same bytes for every address. Nothing of the address is answered or kept: a gateway may have
 * turned the link's `#` into `%23`, and then the address is the link.
 */
export function answerUnknown(app: FastifyInstance, context: RouteContext, page: Page | null): void {
  const preHandler = context.rateLimits ? app.rateLimit(limited(context.store, "unknown")) : [];
  app.setNotFoundHandler({ preHandler }, async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const methods = allowedMethods(path);
    if (methods !== null) {
      reply.header("allow", methods.join(", "));
      throw new ProblemError("method_not_allowed");
    }
    return sendNotFound(request, reply, page);
  });
}

/**
 * Answers an address whose percent signs decode to nothing, before any route or hook has seen it: like one that does not exist.
 * Fastify's own answer would repeat it.
 */
export function answerBadUrl(page: Page | null): NonNullable<FastifyServerOptions["frameworkErrors"]> {
  return (_error, request, reply) => {
    // No hook sees this answer, so that none limits how many one connection asks for.
    reply.headers(frozenHeaders).header("connection", "close");
    sendNotFound(request, reply, page);
  };
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply, page: Page | null): FastifyReply {
  const wantsPage =
    (request.method === "GET" || request.method === "HEAD") && !request.url.startsWith(API_PREFIX);
  if (page === null || !wantsPage) return sendProblem(reply, new ProblemError("not_found"));
  return reply.code(404).headers(NO_STORE).type("text/html; charset=utf-8").send(page.html);
}

function allowedMethods(path: string): string[] | null {
  for (const { pattern, methods } of methodsByPath.values()) if (pattern.test(path)) return methods;
  return null;
}
