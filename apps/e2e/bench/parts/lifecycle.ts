import { join } from "node:path";
import { type Figure, ofRounds, type Part, refusals, subjectOf } from "../figure.ts";
import { type FullLoad, fullLoad } from "../full-load.ts";
import { type BenchStore, type Server, startFloor, startService, startStore } from "../ground.ts";
import { cpuSeconds } from "../process-cost.ts";
import { envelopeOf } from "../secret-traffic.ts";

/** Until then the compiler still works on what it has seen to be hot, in threads that count. */
const WARM_UP = 6_000;

interface Round {
  readonly cpuMicros: number;
  /** Of the Redis server; NaN where there is none. */
  readonly redisMicros: number;
  readonly perSecond: number;
  readonly lifecycles: number;
  readonly refused: number;
}

/** The rounds of the service and of the floor alternate, so that a machine whose speed drifts moves both. */
export const lifecyclePart: Part = {
  name: "lifecycle",
  title: "What one lifecycle costs",
  notes: [
    "A lifecycle is reserve, deposit, open and acknowledge over HTTP. CPU is that of the API's process, all threads and the kernel on its behalf included.",
    "The floor is bare Fastify with the same four requests and, for each, one plain store command, without a check or a promise. Over SQLite it commits each request by itself; Mayfly commits together what arrives together, which is how it can cost less.",
    "Rates are those of one API process whose load and store run on the same machine. The Redis server's own CPU stands beside, and is in no ratio.",
  ],
  async run(extent) {
    const figures: Figure[] = [];
    for (const kind of extent.stores)
      for (const bytes of extent.sizes) {
        const store = await startStore(kind);
        const profile = (name: string) =>
          extent.profile === null ? null : join(extent.profile, `${kind}-${bytes}-${name}`);
        const servers = [
          await startFloor(store, { profile: profile("floor") }),
          await startService(store, { profile: profile("mayfly") }),
        ] as const;
        const envelope = envelopeOf(bytes);
        const lifecycles = bytes > 8192 ? extent.lifecycles / 2 : extent.lifecycles;
        const load = { lifecycles, connections: extent.connections };
        const measure = (server: Server) =>
          round(server, store, () => fullLoad(server.origin, envelope, load));

        const warmUp = { ...load, lifecycles: Math.min(WARM_UP, 2 * lifecycles) };
        for (const { origin } of servers) await fullLoad(origin, envelope, warmUp);
        const rounds: { readonly floor: Round; readonly mayfly: Round }[] = [];
        for (let done = 0; done < extent.rounds; done++)
          rounds.push({ floor: await measure(servers[0]), mayfly: await measure(servers[1]) });
        figures.push(...figuresOf(subjectOf(kind, bytes), rounds));

        for (const server of servers) await server.stop();
        await store.stop();
      }
    return figures;
  },
};

async function round(server: Server, { redis }: BenchStore, load: () => Promise<FullLoad>): Promise<Round> {
  const redisCpu = () => (redis === null ? Number.NaN : cpuSeconds(redis.pid));
  const [cpu, atRedis] = [cpuSeconds(server.pid), redisCpu()];
  const { lifecycles, seconds, refused } = await load();
  return {
    cpuMicros: ((cpuSeconds(server.pid) - cpu) / lifecycles) * 1e6,
    redisMicros: ((redisCpu() - atRedis) / lifecycles) * 1e6,
    perSecond: lifecycles / seconds,
    lifecycles,
    refused,
  };
}

function figuresOf(
  subject: string,
  rounds: readonly { readonly floor: Round; readonly mayfly: Round }[],
): Figure[] {
  const of = (pick: (round: (typeof rounds)[number]) => number) => rounds.map(pick);
  const micros = of(({ mayfly }) => mayfly.redisMicros);
  const redis: Figure[] = micros.some(Number.isNaN)
    ? []
    : [
        ofRounds(micros, { subject, what: "Redis' own CPU", unit: "µs" }),
        ofRounds(
          of(({ floor }) => floor.redisMicros),
          { subject, what: "Redis' own CPU under the floor", unit: "µs" },
        ),
      ];
  return [
    ofRounds(
      of(({ mayfly }) => mayfly.cpuMicros),
      { subject, what: "CPU", unit: "µs" },
    ),
    ofRounds(
      of(({ floor }) => floor.cpuMicros),
      { subject, what: "CPU of the floor", unit: "µs" },
    ),
    ofRounds(
      of(({ mayfly, floor }) => mayfly.cpuMicros / floor.cpuMicros),
      { subject, what: "ratio", unit: "×", most: 1.5 },
    ),
    ofRounds(
      of(({ mayfly }) => mayfly.perSecond),
      { subject, what: "lifecycles", unit: "per s" },
    ),
    ofRounds(
      of(({ floor }) => floor.perSecond),
      { subject, what: "lifecycles of the floor", unit: "per s" },
    ),
    ...redis,
    ...refusals(subject, sum(of(({ mayfly }) => mayfly.refused)), sum(of(({ mayfly }) => mayfly.lifecycles))),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
