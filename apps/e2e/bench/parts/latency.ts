import { type Figure, type Part, refusals, subjectOf } from "../figure.ts";
import { fullLoad } from "../full-load.ts";
import { startService, startStore } from "../ground.ts";
import { median, quantile } from "../median.ts";
import { pacedLoad } from "../paced-load.ts";
import { envelopeOf } from "../secret-traffic.ts";

export const latencyPart: Part = {
  name: "latency",
  title: "How long a request takes at half load",
  notes: [
    "Lifecycles begin at random moments, at half the rate that was measured just before as the most. No arrival waits for an answer, so no slow answer hides others. All four requests count alike.",
    "What the sender itself was late is in no latency; in the table to judge the run by.",
  ],
  async run({ stores, sizes, lifecycles, connections, pacedSeconds }) {
    const figures: Figure[] = [];
    for (const kind of stores)
      for (const bytes of sizes) {
        const store = await startStore(kind);
        const service = await startService(store);
        const envelope = envelopeOf(bytes);
        const load = { lifecycles: bytes > 8192 ? lifecycles / 2 : lifecycles, connections };
        const most: number[] = [];
        for (let round = 0; round < 3; round++) {
          const { lifecycles: done, seconds } = await fullLoad(service.origin, envelope, load);
          most.push(done / seconds);
        }
        const perSecond = median(most) / 2;
        const paced = await pacedLoad(service.origin, envelope, { perSecond, seconds: pacedSeconds });
        await service.stop();
        await store.stop();

        const subject = subjectOf(kind, bytes);
        const [p50, p99] = [median(paced.latencies), quantile(paced.latencies, 0.99)];
        figures.push(
          { subject, what: "lifecycles", value: perSecond, unit: "per s" },
          { subject, what: "p50", value: p50, unit: "ms" },
          { subject, what: "p99", value: p99, unit: "ms" },
          { subject, what: "p99 to p50", value: p99 / p50, unit: "×", most: 10 },
          {
            subject,
            what: "p99 of the sender's own lateness",
            value: quantile(paced.lateness, 0.99),
            unit: "ms",
          },
          ...refusals(subject, paced.refused, paced.lateness.length),
        );
      }
    return figures;
  },
};
