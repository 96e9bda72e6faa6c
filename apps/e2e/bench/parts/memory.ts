import { type Figure, type Part, subjectOf } from "../figure.ts";
import { fullLoad } from "../full-load.ts";
import { startService, startStore } from "../ground.ts";
import { envelopeOf } from "../secret-traffic.ts";
import { storedBytes } from "../stored-bytes.ts";

const BEFORE = 64;

export const memoryPart: Part = {
  name: "memory",
  title: "What one stored secret takes",
  notes: [
    "Redis: used_memory, everything counted; SQLite: pages of the file in use. The envelope is the shortest that padding gives from 1 or 64 KiB on.",
    "Rate limits are off: their counters are not the secret's.",
  ],
  async run({ stores, sizes, kept, connections }) {
    const figures: Figure[] = [];
    for (const kind of stores)
      for (const bytes of sizes) {
        const store = await startStore(kind);
        const service = await startService(store, { rateLimits: "off" });
        const envelope = envelopeOf(bytes);
        const load = (lifecycles: number) =>
          fullLoad(service.origin, envelope, { lifecycles, connections, steps: 2 });
        await load(BEFORE);
        const before = await storedBytes(store);
        const { lifecycles } = await load(bytes > 8192 ? kept / 4 : kept);
        const value = ((await storedBytes(store)) - before) / lifecycles;
        await service.stop();
        await store.stop();
        const subject = subjectOf(kind, bytes);
        figures.push(
          { subject, what: "envelope", value: envelope.length, unit: "B" },
          {
            subject,
            what: "stored",
            value,
            unit: "B",
            ...(kind === "redis" && { most: 1.5 * envelope.length + 700 }),
          },
        );
      }
    return figures;
  },
};
