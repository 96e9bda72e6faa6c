import type { Clock } from "@mayfly/config";
import { methodsOf, type OperatorRouteName, operatorRoutes } from "@mayfly/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../http/problem.ts";
import { blockList, isIn } from "../limits/connections.ts";
import { isForwardedByStranger } from "../limits/forwarded.ts";
import { Readiness } from "../maintenance/readiness.ts";
import { NO_STORE } from "../plugins/helmet.ts";
import type { Metrics } from "./metrics.ts";
import type { RouteContext } from "./route.ts";

/** /livez, /readyz, /metrics: for the operator's probes. The first two tell no more than /service does. */
export function addOperatorRoutes(
  app: FastifyInstance,
  context: RouteContext,
  metrics: Metrics,
  metricsFrom: readonly string[],
  clock: Clock,
): void {
  const { guard, store } = context;
  const add = (
    name: OperatorRouteName,
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  ) => {
    const route = operatorRoutes[name];
    app.route({ method: [...methodsOf(route)], url: route.path, config: { name }, handler });
  };
  const readiness = new Readiness(store, clock);

  add("livez", async (_request, reply) => reply.headers(NO_STORE).send({ state: "up" }));

  add("readyz", async (_request, reply) => {
    const [writes, halted] = [await readiness.ready(), guard.halted];
    if (!writes) throw new ProblemError("unavailable");
    if (halted !== null) throw new ProblemError("halted");
    return reply.headers(NO_STORE).send({ state: "ready" });
  });

  const allowed = blockList(metricsFrom);
  add("metrics", async (request, reply) => {
    if (isForwardedByStranger(request) || !isIn(allowed, request.ip)) throw new ProblemError("not_found");
    const { lastSweepAt } = guard.maintenance;
    const age = lastSweepAt === null ? Number.NaN : (Date.now() - lastSweepAt) / 1000;
    const failed = await store.failedSweeps().catch(() => Number.NaN);
    const text = metrics.text({
      mayfly_accepting: {
        help: "1 while the service accepts, 0 while it is halted.",
        value: guard.halted === null ? 1 : 0,
      },
      mayfly_last_sweep_age_seconds: { help: "Since the start of the last complete sweep.", value: age },
      mayfly_failed_sweeps: { help: "Failed sweeps since the last complete one.", value: failed },
      process_resident_memory_bytes: {
        help: "Resident memory size in bytes.",
        value: process.memoryUsage.rss(),
      },
    });
    return reply.headers(NO_STORE).type("text/plain; version=0.0.4; charset=utf-8").send(text);
  });
}
