import type { FastifyInstance } from "fastify";

/**
 * Sums for the operator in Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): requests by route name and status, nothing of any request.
 */
export class Metrics {
  readonly #requests = new Map<string, number>();

  /** Counts every answer of `app`. */
  watch(app: FastifyInstance): void {
    app.addHook("onResponse", (request, reply, done) => {
      const labels = `route="${request.routeOptions.config.name ?? "other"}",status="${reply.statusCode}"`;
      this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
      done();
    });
  }

  text(gauges: Readonly<Record<string, { readonly help: string; readonly value: number }>>): string {
    const lines = [
      "# HELP mayfly_requests_total Answers by route and status.",
      "# TYPE mayfly_requests_total counter",
    ];
    for (const [labels, count] of this.#requests) lines.push(`mayfly_requests_total{${labels}} ${count}`);
    for (const [name, { help, value }] of Object.entries(gauges))
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`);
    return `${lines.join("\n")}\n`;
  }
}
