import type { Store } from "@mayfly/store";
import { BASE64URL_16_BYTES, type Route, type RouteName, routes } from "@mayfly/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { Guard } from "./guard.ts";
import { limited } from "./limiter.ts";
import { ProblemError } from "./problem.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's name in the wire's table, for log and metrics. */
    name?: string;
  }
}

/** What routes need of the application; handed to each. */
export interface RouteContext {
  readonly store: Store;
  readonly guard: Guard;
  readonly rateLimits: boolean;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Adds one route of the wire's table: its method, its path, the halt before everything else, then its rate limit. */
export function addRoute(
  app: FastifyInstance,
  context: RouteContext,
  name: RouteName,
  options: Pick<RouteOptions, "schema" | "bodyLimit">,
  handler: Handler,
): void {
  const route: Route = routes[name];
  const { guard, store, rateLimits } = context;
  app.route({
    method: route.method,
    url: fastifyPath(route.path),
    config: { name, ...(rateLimits && { rateLimit: limited(store, route.limit) }) },
    ...options,
    onRequest: route.whileHalted
      ? []
      : [
          (_request, _reply, done) => {
            done(guard.halted === null ? undefined : new ProblemError("halted"));
          },
        ],
    handler,
  });
}

function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

const ID = new RegExp(BASE64URL_16_BYTES);
const PART = /^(0|[1-9][0-9]{0,4})$/;

/** The id of the path. Anything that no id can be is answered like an unknown one. */
export function idOf(request: FastifyRequest): string {
  const { id = "" } = request.params as { id?: string };
  if (!ID.test(id)) throw new ProblemError("not_found");
  return id;
}

/** The part number of the path; what no part can be is `not_found`. */
export function partOf(request: FastifyRequest): number {
  const { part = "" } = request.params as { part?: string };
  if (!PART.test(part)) throw new ProblemError("not_found");
  return Number(part);
}
