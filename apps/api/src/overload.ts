import underPressure from "@fastify/under-pressure";
import type { Route } from "@mayfly/wire";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "./problem.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The plugin's: runs for a request of this route while the event loop is late. */
    pressureHandler?: () => void;
  }
}

/**
 * How late the event loop may run, as the mean of half a second, in milliseconds. Well below the time that a step of the store
 * is given (`MAYFLY_STORE_TIMEOUT_MS`): a later loop would take the store's answers for lost ones after they came.
 */
export const LATE_MS = 250;
const SAMPLE_MS = 500;

/**
 * While the event loop runs late, refuses new work with 503 before anything is counted, read or taken: a claim is worth nothing
 * to a reader whose answer comes too late. Each route says by `shedding` whether it is new work; all others pass.
 */
export async function refuseWhenOverloaded(app: FastifyInstance, lateMs: number): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: lateMs,
    sampleInterval: SAMPLE_MS,
    pressureHandler: () => undefined,
  });
}

/**
 * What the route's configuration says about overload. Passing are those that also work while halted, which destroy or tell the
 * state, and further parts: their reader holds a claim, and a refusal could outlast its lease.
 */
export function shedding(route: Route): { pressureHandler?: () => void } {
  return route.whileHalted || route.limit === "part" ? {} : { pressureHandler: refuse };
}

function refuse(): never {
  throw new ProblemError("unavailable");
}
