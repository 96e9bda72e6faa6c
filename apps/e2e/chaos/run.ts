/** One run: everything started, tormented for a time, calmed, asked, swept, looked into, stopped, and judged. */
import { setTimeout as wait } from "node:timers/promises";
import { until } from "@mayfly/lab/until";
import { END_STATES } from "@mayfly/wire";
import { SecretInUse } from "./clients.ts";
import type { Deployment } from "./deployments.ts";
import { type History, Recorder, type Remainder } from "./history.ts";
import { START_MS } from "./lab/kept-process.ts";
import { Programs } from "./lab/programs.ts";
import { ciphertextIn, overdueIn, type StoreLab } from "./lab/store-lab.ts";
import { check, type Violation } from "./model.ts";
import { torment } from "./nemesis.ts";
import { planSecret } from "./plan.ts";
import { patiently, play } from "./story.ts";

const LONGER = 6;
const LANES = 16;
const LEASE_SECONDS = 3;
/** Who asks at the end tries for so long. */
const PROBE_TRIES = 60;

export interface RunOptions {
  readonly deployment: Deployment;
  readonly seed: number;
  readonly milliseconds: number;
  /**
   * The storm goes on until so many secrets have been confirmed, up to `LONGER` times its time: on a busy machine a run that is
   * measured by the clock alone would show nothing. 0 when left out.
   */
  readonly leastSecrets?: number;
  /** The name of a deliberately wrong store. */
  readonly wrong?: string;
  /** Only these kinds of faults; all when left out. */
  readonly onlyFaults?: readonly string[];
  readonly say?: (line: string) => void;
}

export interface RunResult {
  readonly deployment: string;
  readonly seed: number;
  readonly milliseconds: number;
  readonly history: History;
  readonly violations: readonly Violation[];
  /** Faults that this machine does not allow, or that failed to come about. */
  readonly notAsPlanned: readonly string[];
}

export async function run(options: RunOptions): Promise<RunResult> {
  const { deployment, seed, milliseconds, wrong, say = () => undefined } = options;
  const recorder = new Recorder();
  const lab = await deployment.start((from, offsetMs) =>
    recorder.clockSteps.push({ from, to: performance.now(), offsetMs }),
  );
  const notAsPlanned = lab.unavailable.map(({ kind, reason }) => `${kind}: ${reason}`);
  let programs: Programs | null = null;
  try {
    programs = await Programs.start({
      environment: (name) => ({
        ...lab.environment(name),
        MAYFLY_LEASE_SECONDS: String(LEASE_SECONDS),
        MAYFLY_PART_BYTES: "65536",
      }),
      told: { clockFile: lab.clock?.file ?? null, wrong: wrong ?? null },
    });
    await programs.ready();
    say("ready");
    const secrets = await storm(options, programs, lab, recorder, notAsPlanned);
    say(`${secrets.length} secrets; the faults stop`);
    await lab.mend();
    programs.mend();
    await orRemainder(recorder, "not ready", programs.ready());
    recorder.calmAt = performance.now();
    await askEverybody(secrets);
    say("asked for every secret that was confirmed");
    await lookInto(lab, programs, secrets, recorder);
  } finally {
    await programs?.stop();
    await lab.stop();
  }
  const violations = check(recorder, deployment.guarantee);
  return { deployment: deployment.name, seed, milliseconds, history: recorder, violations, notAsPlanned };
}

async function storm(
  { seed, milliseconds, leastSecrets = 0, wrong, onlyFaults }: RunOptions,
  programs: Programs,
  lab: StoreLab,
  recorder: Recorder,
  notAsPlanned: string[],
): Promise<SecretInUse[]> {
  const began = performance.now();
  const secrets: SecretInUse[] = [];
  const over = () => {
    const run = performance.now() - began;
    if (run < milliseconds) return false;
    return (
      run >= LONGER * milliseconds || secrets.filter(({ confirmed }) => confirmed).length >= leastSecrets
    );
  };
  const lane = async () => {
    while (!over()) {
      const plan = planSecret(seed, secrets.length, wrong !== undefined);
      const secret = new SecretInUse(plan, recorder, programs.origins);
      secrets.push(secret);
      await play(secret, recorder, LEASE_SECONDS * 1000, over);
    }
  };
  const told = { killAll: () => programs.killAll(), restartWorker: () => programs.worker.kill() };
  const rows = [programs.networkFaults(), programs.processFaults(), lab.faults(told)].map((makers) =>
    makers.filter(({ kind }) => onlyFaults === undefined || onlyFaults.includes(kind)),
  );
  const failed = (kind: string, why: string) => notAsPlanned.push(`${kind}: ${why}`);
  await Promise.all([
    ...Array.from({ length: LANES }, lane),
    ...rows.map((makers, row) => torment(seed, row, makers, recorder, over, failed)),
  ]);
  return secrets;
}

/** A new reader for every secret that was confirmed: what has to be there is there, and what is gone stays gone. */
async function askEverybody(secrets: readonly SecretInUse[]): Promise<void> {
  const never = () => false;
  await inLanes(secrets, async (secret) => {
    if (!secret.confirmed) return;
    await patiently(() => secret.open(secret.claim("probe"), "right", "probe"), never, PROBE_TRIES);
  });
}

async function lookInto(
  lab: StoreLab,
  programs: Programs,
  secrets: readonly SecretInUse[],
  recorder: Recorder,
): Promise<void> {
  await wait(LEASE_SECONDS * 1000 + 500);
  recorder.remainders.push(...(await lab.endless()));
  const ended = new Set<number>();
  await inLanes(secrets, async (secret) => {
    if (secret.reserved === null) return;
    const { is, ...status } = await patiently(
      () => secret.status("manage"),
      () => false,
      PROBE_TRIES,
    );
    const state = is === "status" && "state" in status ? status.state : null;
    const unknown = is === "problem" && "code" in status && status.code === "not_found";
    if (unknown || END_STATES.some((end) => end === state)) ended.add(secret.plan.secret);
  });
  await orRemainder(recorder, "unswept", sweepAnew(programs));
  recorder.remainders.push(...(await overdueIn(lab.options)));
  recorder.remainders.push(...ciphertextIn(await lab.contents(), ended));
}

/** What does not come about in time when nothing is wrong any more is a finding of the run, not its failure. */
async function orRemainder(recorder: Recorder, what: Remainder["what"], done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    recorder.remainders.push({ what, where: (error as Error).message, secret: null });
  }
}

/** Starts the worker anew and waits until its first sweep has counted. */
async function sweepAnew(programs: Programs): Promise<void> {
  const [origin] = programs.directOrigins;
  const lastSweep = async () => {
    const answer = await fetch(`${origin}/api/v1/service`);
    return ((await answer.json()) as { maintenance: { lastSweepAt: string } }).maintenance.lastSweepAt;
  };
  const before = await lastSweep();
  await programs.worker.kill();
  await until(
    () => `a sweep to be complete: ${programs.output}`,
    async () => (await lastSweep()) !== before,
    START_MS,
  );
}

async function inLanes<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let thing = things[next++]; thing !== undefined; thing = things[next++]) await work(thing);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
