import { join } from "node:path";
import { cpuSeconds } from "@mayfly/lab/processes";
import { type Figure, ofRounds, type Part, refusals, subjectOf, type Unit } from "../figure.ts";
import { fullLoad } from "../full-load.ts";
import {
  type BenchStore,
  type Server,
  type StoreKind,
  startFloor,
  startService,
  startStore,
} from "../ground.ts";
import { envelopeOf } from "../secret-traffic.ts";

/** Until then the compiler still works on what it has seen to be hot, in threads that count. */
const WARM_UP = 6_000;

const contestants = ["floor", "shipped", "unlimited"] as const;
type Contestant = (typeof contestants)[number];

/** A contestant, with a store of its own. */
interface Place {
  readonly server: Server;
  readonly store: BenchStore;
}

/** One load on one contestant. CPU is in µs for each lifecycle. */
interface Cost {
  /** Of the server's process and the Redis server together. */
  readonly cpu: number;
  /** Of the Redis server; NaN where there is none. */
  readonly redisCpu: number;
  readonly perSecond: number;
  readonly lifecycles: number;
  readonly refused: number;
}

type Round = Readonly<Record<Contestant, Cost>>;

export const lifecyclePart: Part = {
  name: "lifecycle",
  title: "What one lifecycle costs",
  notes: [
    "A lifecycle is reserve, deposit, open and acknowledge over HTTP. CPU is that of the server's process and of the Redis server together, all threads and the kernel on their behalf included.",
    "Mayfly runs as shipped, rate limits on. Each lifecycle comes from another client: private IPv4 addresses and IPv6 networks in turn, told by X-Forwarded-For from a trusted proxy.",
    "Without rate limits is the same with MAYFLY_RATE_LIMITS=off. The cost of rate limits is what they add to that.",
    "The floor is bare Fastify with the same four requests and one plain store command for each, without a check or a promise. Over Redis it pipelines the commands of one tick; over SQLite it commits them together, as durably as Mayfly.",
    "The rounds of the three alternate. Each figure is the median of the rounds, with the lowest and the highest; ratio and cost are taken within a round. Rates are those of one API process whose load and store run on the same machine.",
  ],
  async run({ stores, sizes, rounds: count, lifecycles: many, connections, profile }) {
    const figures: Figure[] = [];
    for (const kind of stores)
      for (const bytes of sizes) {
        const places = await startAll(kind, (name) =>
          profile === null ? null : join(profile, `${kind}-${bytes}-${name}`),
        );
        const envelope = envelopeOf(bytes);
        const lifecycles = bytes > 8192 ? many / 2 : many;
        const warmUp = Math.min(WARM_UP, 2 * lifecycles);
        for (const { server } of Object.values(places))
          await fullLoad(server.origin, envelope, { lifecycles: warmUp, connections });
        const rounds: Round[] = [];
        while (rounds.length < count)
          rounds.push(
            await inTurn(rounds.length, (name) =>
              costOf(places[name], envelope, { lifecycles, connections }),
            ),
          );
        figures.push(...figuresOf(subjectOf(kind, bytes), rounds));
        for (const { server, store } of Object.values(places)) {
          await server.stop();
          await store.stop();
        }
      }
    return figures;
  },
};

async function startAll(
  kind: StoreKind,
  profile: (name: Contestant) => string | null,
): Promise<Readonly<Record<Contestant, Place>>> {
  const place = async (start: (store: BenchStore) => Promise<Server>): Promise<Place> => {
    const store = await startStore(kind);
    return { store, server: await start(store) };
  };
  return {
    floor: await place((store) => startFloor(store, { profile: profile("floor") })),
    shipped: await place((store) => startService(store, { profile: profile("shipped") })),
    unlimited: await place((store) =>
      startService(store, { profile: profile("unlimited"), rateLimits: "off" }),
    ),
  };
}

/** One round of all three. Another one begins each time, so that a machine that slows down favours none. */
async function inTurn(round: number, measure: (name: Contestant) => Promise<Cost>): Promise<Round> {
  const first = round % contestants.length;
  const costs: [Contestant, Cost][] = [];
  for (const name of [...contestants.slice(first), ...contestants.slice(0, first)])
    costs.push([name, await measure(name)]);
  return Object.fromEntries(costs) as Round;
}

async function costOf(
  { server, store: { redis } }: Place,
  envelope: Buffer,
  load: { readonly lifecycles: number; readonly connections: number },
): Promise<Cost> {
  const redisSeconds = () => (redis === null ? Number.NaN : cpuSeconds(redis.pid));
  const [before, redisBefore] = [cpuSeconds(server.pid), redisSeconds()];
  const { lifecycles, seconds, refused } = await fullLoad(server.origin, envelope, load);
  const micros = (from: number, to: number) => ((to - from) / lifecycles) * 1e6;
  const own = micros(before, cpuSeconds(server.pid));
  const redisCpu = micros(redisBefore, redisSeconds());
  return {
    cpu: redis === null ? own : own + redisCpu,
    redisCpu,
    perSecond: lifecycles / seconds,
    lifecycles,
    refused,
  };
}

function figuresOf(subject: string, rounds: readonly Round[]): Figure[] {
  const figure = (what: string, unit: Unit, of: (round: Round) => number, most?: number): Figure =>
    ofRounds(rounds.map(of), { subject, what, unit, ...(most !== undefined && { most }) });
  const overRedis = rounds.every(({ shipped }) => !Number.isNaN(shipped.redisCpu));
  const all = (of: (cost: Cost) => number) => rounds.reduce((sum, { shipped }) => sum + of(shipped), 0);
  return [
    figure("CPU", "µs", ({ shipped }) => shipped.cpu),
    figure("CPU of the floor", "µs", ({ floor }) => floor.cpu),
    figure("ratio", "×", ({ shipped, floor }) => shipped.cpu / floor.cpu, 1.5),
    figure("CPU without rate limits", "µs", ({ unlimited }) => unlimited.cpu),
    figure(
      "cost of rate limits",
      "%",
      ({ shipped, unlimited }) => 100 * (shipped.cpu / unlimited.cpu - 1),
      10,
    ),
    figure("lifecycles", "per s", ({ shipped }) => shipped.perSecond),
    figure("lifecycles of the floor", "per s", ({ floor }) => floor.perSecond),
    ...(overRedis
      ? [
          figure("Redis' part of the CPU", "µs", ({ shipped }) => shipped.redisCpu),
          figure("Redis' part under the floor", "µs", ({ floor }) => floor.redisCpu),
        ]
      : []),
    ...refusals(
      subject,
      all(({ refused }) => refused),
      all(({ lifecycles }) => lifecycles),
    ),
  ];
}
