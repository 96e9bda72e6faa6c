import type { FastifyInstance } from "fastify";

/**
 * Sums for the operator in Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): requests by route name and status, nothing of any request.
 */
export class Metrics {
  /** By route name, then by status. */
  readonly #requests = new Map<string, Map<number, number>>();

  /** Counts every answer of `app`. */
  watch(app: FastifyInstance): void {
    app.addHook("onResponse", (request, reply, done) => {
      const name = request.routeOptions.config.name ?? "other";
      const counts = this.#requests.get(name) ?? new Map<number, number>();
      if (counts.size === 0) this.#requests.set(name, counts);
      counts.set(reply.statusCode, (counts.get(reply.statusCode) ?? 0) + 1);
      done();
    });
  }

  text(gauges: Readonly<Record<string, { readonly help: string; readonly value: number }>>): string {
    const lines = [
      "# HELP mayfly_requests_total Answers by route and status.",
      "# TYPE mayfly_requests_total counter",
    ];
    for (const [name, counts] of this.#requests)
      for (const [status, count] of counts)
        lines.push(`mayfly_requests_total{route="${name}",status="${status}"} ${count}`);
    for (const [name, { help, value }] of Object.entries(gauges))
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`);
    return `${lines.join("\n")}\n`;
  }
}
