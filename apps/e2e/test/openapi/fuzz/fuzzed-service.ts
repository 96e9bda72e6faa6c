/** A real service of the fuzzer's own, and how it is afterwards. */
import { cpuSeconds, residentBytes, socketCount } from "@mayfly/lab/processes";
import { until } from "@mayfly/lab/until";
import { type KeepingKind, startKeeping } from "../../../src/keeping.ts";
import { isReady, type Service, startService } from "../../../src/service.ts";
import { type Fuzzed, type FuzzOptions, fuzz } from "./run.ts";

export interface Aftermath {
  /** Of the API's process, in bytes: after the first tenth of the requests, and at the end. */
  readonly residentBefore: number;
  readonly residentAfter: number;
  readonly sockets: number;
  readonly cpuSeconds: number;
  /** What is not as before; empty when nothing is. */
  readonly faults: readonly string[];
}

/** So that the collector does not wait for better times: what is still there then is held by somebody. */
const SMALL_HEAP = "--max-semi-space-size=1 --max-old-space-size=96";

/** Seen are a few: what eight kilobytes for each of five thousand requests would come to is more. */
const MOST_GROWTH_BYTES = 32 * 2 ** 20;

/** Without rate limits, in parts of 64 KiB, so that several make an envelope. */
export async function fuzzed(
  kind: KeepingKind,
  options: Omit<FuzzOptions, "origin">,
): Promise<{ readonly result: Fuzzed; readonly aftermath: Aftermath; readonly seconds: number }> {
  const service = await startService(await startKeeping(kind), {
    env: { MAYFLY_PART_BYTES: "65536", NODE_OPTIONS: SMALL_HEAP },
  });
  let whole: { readonly result: Fuzzed; readonly aftermath: Aftermath; readonly seconds: number };
  try {
    const { origin } = service;
    const began = performance.now();
    const sockets = socketCount(pidOf(service));
    const first = await fuzz({ ...options, origin, requests: Math.ceil(options.requests / 10) });
    const residentBefore = residentBytes(pidOf(service));
    // Other seeds than those of the first tenth.
    const second = await fuzz({
      ...options,
      origin,
      requests: options.requests - first.requests,
      seed: options.seed + first.rounds,
    });
    const seconds = (performance.now() - began) / 1000;
    const aftermath = await aftermathOf(service, residentBefore, sockets);
    whole = { result: together(first, second), aftermath, seconds };
  } finally {
    await service.stop();
  }
  // Output comes through pipes, late: it is whole when the programs have ended.
  const said = service.output().match(/"event":"(request_failed|crashed)"[^\n]*/g) ?? [];
  const { result, aftermath, seconds } = whole;
  const faults = [...aftermath.faults, ...said.slice(0, 3).map((line) => `the service said ${line}`)];
  return { result, aftermath: { ...aftermath, faults }, seconds };
}

async function aftermathOf(service: Service, residentBefore: number, sockets: number): Promise<Aftermath> {
  const [api] = service.apis;
  const faults: string[] = [];
  if (api?.running.over || !(await isReady(service.origin))) faults.push("the service is no longer ready");
  // Those of keep-alive close by themselves.
  const left = await until("the sockets to close", () => {
    const now = socketCount(pidOf(service));
    return now <= sockets + 2 ? { now } : null;
  }).catch(() => ({ now: socketCount(pidOf(service)) }));
  if (left.now > sockets + 2) faults.push(`${left.now - sockets} sockets are left open`);
  const residentAfter = residentBytes(pidOf(service));
  if (residentAfter - residentBefore > MOST_GROWTH_BYTES) faults.push("the process has grown");
  return { residentBefore, residentAfter, sockets: left.now, cpuSeconds: cpuSeconds(pidOf(service)), faults };
}

function together(one: Fuzzed, two: Fuzzed): Fuzzed {
  const counts = new Map<string, Map<number, number>>();
  for (const [name, row] of [...one.counts, ...two.counts]) {
    const all = counts.get(name) ?? new Map<number, number>();
    for (const [status, count] of row) all.set(status, (all.get(status) ?? 0) + count);
    counts.set(name, all);
  }
  return {
    requests: one.requests + two.requests,
    rounds: one.rounds + two.rounds,
    counts,
    faults: [
      ...one.faults,
      ...two.faults.filter(({ operation, what }) =>
        one.faults.every((known) => known.operation !== operation || known.what !== what),
      ),
    ],
  };
}

function pidOf({ apis: [api] }: Service): number {
  if (api === undefined) throw new Error("no API runs");
  return api.running.pid;
}
