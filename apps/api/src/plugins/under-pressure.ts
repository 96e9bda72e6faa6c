import underPressure from "@fastify/under-pressure";
import type { Route } from "@mayfly/wire";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/problem.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The plugin's: called for a request of this route while the event loop is late. */
    pressureHandler?: () => void;
  }
}

/**
 * How late the event loop may run, in milliseconds, as the mean of half a second. It is well below the store's timeout
 * (`MAYFLY_STORE_TIMEOUT_MS`): a later loop would time out answers of the store that have arrived.
 */
export const LATE_MS = 250;
const SAMPLE_MS = 500;

/**
 * https://github.com/fastify/under-pressure: while the event loop runs late, refuses new work with 503 before anything is
 * counted, read or taken. A claim is worth nothing to a reader whose response comes too late. Each route says by
 * `shedding` whether it is new work.
 */
export async function refuseWhenOverloaded(app: FastifyInstance, lateMs: number): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: lateMs,
    sampleInterval: SAMPLE_MS,
    pressureHandler: () => undefined,
  });
}

/**
 * The route's option for overload. Two kinds of routes pass: those that also work while halted, and further parts. The reader
 * of a part holds a claim, and a refusal could outlast its lease.
 */
export function shedding(route: Route): { pressureHandler?: () => void } {
  return route.whileHalted || route.limit === "part" ? {} : { pressureHandler: refuse };
}

function refuse(): never {
  throw new ProblemError("unavailable");
}
