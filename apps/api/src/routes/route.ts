import type { Secrets, Watch } from "@mayfly/store";
import { BASE64URL_16_BYTES, methodsOf, type Route, type RouteName, routes } from "@mayfly/wire";
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  preParsingAsyncHookHandler,
  RouteOptions,
} from "fastify";
import { refuseCrossSite } from "../http/origin.ts";
import { ProblemError } from "../http/problem.ts";
import type { Limits } from "../limits/limits.ts";
import { refuseBeyondQuota } from "../limits/rates.ts";
import type { Guard } from "../maintenance/guard.ts";
import { rateLimitOf } from "../plugins/rate-limit.ts";
import { shedding } from "../plugins/under-pressure.ts";
import { delayNotFound } from "./not-found-delay.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's name in the wire's table, for log and metrics. */
    name?: string;
  }
}

/** What routes need of the application; handed to each. */
export interface RouteContext {
  readonly store: Secrets & Watch;
  readonly guard: Guard;
  readonly limits: Limits;
  /** Null: whatever origin equals the request's own host, which is a loopback name. */
  readonly publicOrigin: string | null;
  readonly notFoundAfterMs: number;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * Adds one route of the wire's table: its method and path; then, before anything is read, overload, the halt, the rate limit, other
 * sites refused. By the route that matched, not by the address: one address can be written in many ways.
 *
 * The guard is asked again before the handler runs. The last byte of a body may come a minute after the headers, and the
 * machine may have slept between them.
 */
export function addRoute(
  app: FastifyInstance,
  context: RouteContext,
  name: RouteName,
  {
    responseBytes,
    preParsing,
    ...options
  }: Pick<RouteOptions, "schema" | "bodyLimit"> & {
    preParsing?: preParsingAsyncHookHandler;
    /** The most bytes of its response, where that is more than some fields of JSON. */
    responseBytes?: number;
  },
  handler: Handler,
): void {
  const route: Route = routes[name];
  const { guard, limits, publicOrigin, notFoundAfterMs } = context;
  const holdsClaim = route.limit === "read" || route.limit === "part";
  const refuseHalted = () => {
    if (!route.whileHalted && guard.halted !== null) throw new ProblemError("halted");
  };
  const whileOpen: Handler = async (request, reply) => {
    refuseHalted();
    return limits.backpressure.during(request, () => handler(request, reply));
  };
  app.route({
    method: [...methodsOf(route)],
    url: fastifyPath(route.path),
    // Its headers come from the plugin's table, which costs less CPU.
    helmet: false,
    config: {
      name,
      ...(responseBytes !== undefined && { responseBytes }),
      ...shedding(route),
      ...(limits.counts !== null && { rateLimit: rateLimitOf(route.limit, holdsClaim) }),
    },
    ...options,
    // The plugin's hook, which counts the request, is put behind it.
    onRequest: [
      (_request, _reply, done) => {
        refuseHalted();
        done();
      },
    ],
    preParsing: [
      (request, _reply, _payload, done) => {
        refuseCrossSite(request, publicOrigin);
        done();
      },
      ...(preParsing ? [preParsing] : []),
    ],
    ...(limits.counts !== null &&
      holdsClaim && { preValidation: refuseBeyondQuota(route.limit, limits.counts, limits.claims) }),
    handler: route.path.includes("{id}") ? delayNotFound(whileOpen, notFoundAfterMs) : whileOpen,
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
