/**
 * `pnpm bench [PART…] [--store sqlite|redis] [--bytes N] [--rounds N] [--quick] [--json FILE] [--record] [--profile FOLDER]`:
 * measures the parts that are named, or all, and prints a table for each. `--record` keeps the figures of all parts in generated/
 * and writes them into README.md. `--rounds` changes how often the lifecycle's load is repeated. `--quick` shows only that it runs:
 * its numbers mean nothing. `--profile` writes CPU profiles of the programs under the lifecycle's load. Exit code 0 whether or not
 * a target is met, 1 when something could not be measured, 2 for words that are not understood.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { KEPT, writeDocuments } from "./document.ts";
import { type Extent, missed } from "./figure.ts";
import { storeKinds } from "./ground.ts";
import { thisMachine } from "./machine.ts";
import { parts } from "./parts/index.ts";
import { type Figures, jsonOf, machineLine, type PartFigures, table } from "./report.ts";

const WHOLE: Extent = {
  stores: storeKinds,
  sizes: [1024, 65_536],
  connections: 32,
  rounds: 7,
  lifecycles: 3_200,
  pacedSeconds: 10,
  kept: 4_000,
  endurance: 100_000,
  expired: 10_000,
  sealingMs: 150,
  starts: 5,
  unread: 3_000,
  stalledUploads: 300,
  erasureSeconds: 15,
  profile: null,
};

const QUICK: Partial<Extent> = {
  connections: 4,
  rounds: 1,
  lifecycles: 40,
  pacedSeconds: 0.5,
  kept: 40,
  endurance: 200,
  expired: 100,
  sealingMs: 5,
  starts: 1,
  unread: 40,
  stalledUploads: 20,
  erasureSeconds: 3,
};

interface Asked {
  readonly extent: Extent;
  readonly chosen: typeof parts;
  readonly json: string | undefined;
  readonly record: boolean;
}

function asked(): Asked {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2).filter((word) => word !== "--"),
    allowPositionals: true,
    options: {
      store: { type: "string" },
      bytes: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      record: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  const stores = storeKinds.filter((kind) => values.store === undefined || values.store === kind);
  const bytes = values.bytes === undefined ? null : Number(values.bytes);
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) throw new Error(`parts are ${parts.map(({ name }) => name).join(", ")}`);
  if (stores.length === 0) throw new Error(`stores are ${storeKinds.join(" and ")}`);
  if (bytes !== null && !(Number.isInteger(bytes) && bytes > 0 && bytes <= 1_048_576))
    throw new Error("--bytes is a number, of one part at most");
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds is a number");
  const some = [values.store, values.bytes, values.rounds].some((value) => value !== undefined);
  if (values.record && (some || positionals.length > 0 || values.quick))
    throw new Error("--record is for a whole run");
  if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true });
  return {
    extent: {
      ...WHOLE,
      ...(values.quick && QUICK),
      stores,
      ...(bytes !== null && { sizes: [bytes] }),
      ...(rounds !== null && { rounds }),
      profile: values.profile ?? null,
    },
    chosen: parts.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    json: values.json,
    record: values.record,
  };
}

async function run(): Promise<number> {
  const { extent, chosen, json, record } = asked();
  const measured: PartFigures[] = [];
  const figures: Figures = {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    parts: measured,
  };
  console.log(machineLine(figures));
  let failed = 0;
  for (const { name, title, notes, run: measure } of chosen) {
    const begun = performance.now();
    try {
      const part = { name, title, notes, figures: await measure(extent) };
      measured.push(part);
      console.log(`\n${title} (${name}, ${((performance.now() - begun) / 1000).toFixed(0)} s)\n`);
      console.log(table(part).join("\n"));
    } catch (error) {
      failed += 1;
      console.error(`\n${name} could not be measured: ${error instanceof Error ? error.message : error}`);
    }
    // As far as it has come, lest a run that is broken off was for nothing.
    if (json !== undefined) writeFileSync(json, jsonOf(figures));
  }
  if (record && failed === 0) {
    mkdirSync(dirname(KEPT), { recursive: true });
    writeFileSync(KEPT, jsonOf(figures));
    writeDocuments();
  }
  const misses = measured.flatMap((part) => part.figures).filter(missed);
  console.log(`\n${misses.length} targets missed, ${failed} parts not measured`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
process.exit();
