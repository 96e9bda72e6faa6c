/** The ways to run Mayfly that a run can be made over, each with what it promises to keep. */
import type { Guarantee } from "./history.ts";
import { startClusterLab } from "./lab/cluster-store.ts";
import { startRedisLab } from "./lab/redis-store.ts";
import { startReplicasLab } from "./lab/replicas-store.ts";
import { startSentinelLab } from "./lab/sentinel-store.ts";
import { startSqliteLab } from "./lab/sqlite-store.ts";
import type { StoreLab } from "./lab/store-lab.ts";

export interface Deployment {
  readonly name: string;
  /** In a sentence, for the report. */
  readonly promise: string;
  readonly guarantee: Guarantee;
  /** `onStep` hears of every step of the store's clock. */
  start(onStep: (from: number, offsetMs: number) => void): Promise<StoreLab>;
}

const KEEPS_ALL: Guarantee = { forgets: [], undoes: [] };

export const deployments: readonly Deployment[] = [
  {
    name: "sqlite",
    promise: "Nothing that was answered is lost or undone, whatever is killed.",
    guarantee: KEEPS_ALL,
    start: startSqliteLab,
  },
  {
    name: "redis",
    promise:
      "A restart of Redis forgets everything, whatever a snapshot has kept; until then nothing is lost or undone.",
    guarantee: { forgets: ["redis-kill"], undoes: [] },
    start: () => startRedisLab({ appendonly: "no" }),
  },
  {
    name: "redis-aof",
    promise: "With appendfsync always nothing that was answered is lost or undone, whatever is killed.",
    guarantee: KEEPS_ALL,
    start: () => startRedisLab({ appendonly: "yes", appendfsync: "always" }),
  },
  {
    name: "replicas",
    promise: "Three servers without append-only files, promoted by hand: a promotion forgets everything.",
    guarantee: { forgets: ["primary-lost"], undoes: [] },
    start: startReplicasLab,
  },
  {
    name: "sentinel",
    promise:
      "Three servers with append-only files under three Sentinels, each step confirmed by both replicas: nothing that was answered is lost or undone.",
    guarantee: KEEPS_ALL,
    start: startSentinelLab,
  },
  {
    name: "cluster",
    promise:
      "Three primaries with append-only files and a replica each, each step confirmed by the replica: nothing that was answered is lost or undone.",
    guarantee: KEEPS_ALL,
    start: startClusterLab,
  },
];

/** Throws with the names there are. */
export function deploymentNamed(name: string): Deployment {
  const found = deployments.find((each) => each.name === name);
  if (!found) throw new Error(`--deployment is one of ${deployments.map((each) => each.name).join(", ")}`);
  return found;
}
