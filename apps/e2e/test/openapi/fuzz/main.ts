/**
 * `pnpm --filter @mayfly/e2e fuzz [--requests 10000] [--seed 7] [--store sqlite]`: a service of its own over each store, asked by its own
 * description. `--seed` with the number beside a fault and `--requests 1` asks that round alone again.
 * Exit code 1 when a fault was found, 2 when the run itself failed.
 */
import { parseArgs } from "node:util";
import { type KeepingKind, keepings } from "../../../src/keeping.ts";
import { fuzzed } from "./fuzzed-service.ts";
import { report } from "./table.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    requests: { type: "string", default: "10000" },
    seed: { type: "string" },
    store: { type: "string" },
  },
});
const requests = Number(values.requests);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const kinds = keepings.filter((kind) => values.store === undefined || kind === values.store);
if (!(requests > 0) || !Number.isInteger(seed) || kinds.length === 0)
  throw new Error(`--requests and --seed are numbers, --store is ${keepings.join(" or ")}`);

let faults = 0;
try {
  for (const kind of kinds) faults += await faultsOver(kind);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
process.exit(faults === 0 ? 0 : 1);

async function faultsOver(kind: KeepingKind): Promise<number> {
  console.log(`\nseed ${seed}, ${kind}`);
  const { result, aftermath, seconds } = await fuzzed(kind, { requests, seed });
  for (const line of report(result)) console.log(line);
  console.log(
    `${seconds.toFixed(1)} s, ${aftermath.cpuSeconds.toFixed(1)} s of CPU in the service; resident memory from ${mib(aftermath.residentBefore)} after a tenth to ${mib(aftermath.residentAfter)}; ${aftermath.sockets} sockets left`,
  );
  for (const fault of aftermath.faults) console.log(`FAULT ${fault}`);
  return result.faults.length + aftermath.faults.length;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
