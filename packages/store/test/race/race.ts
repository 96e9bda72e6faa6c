import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openStore, type Store, type StoreOptions } from "../../src/index.ts";
import { liveSample, type Sample } from "../conformance/sample.ts";
import type { Order, Report } from "./contender.ts";
import { reportOf, start, stop } from "./processes.ts";

const CONTENDERS = 2;
/** As many as contender.ts lets loose. */
const OPENERS_EACH = 25;
/** `pnpm nightly` races for 2,000. */
const SECRETS = Number(process.env.RACE_SECRETS ?? 500);

/** Where the race is run. */
export interface Contest {
  readonly options: StoreOptions;
  /** The open that is judged: the store's own, or the deliberately wrong one. */
  readonly open: "store" | "read-then-delete";
  readonly secrets: number;
  /** True when any part of this secret is still there, read past the store's own logic. */
  hasCiphertext(id: string): Promise<boolean>;
}

/** What became of the secrets: `once` is the promise, everything else is its breach. */
export interface Outcome {
  once: number;
  /** Nobody got it. */
  never: number;
  /** More than one claim got it. */
  twice: number;
  /** Openers who were told `gone`. */
  gone: number;
  /** Openers who were told anything else, or whose call threw. */
  failed: number;
  /** The winner got other bytes than were deposited. */
  wrongBytes: number;
  /** Ciphertext was still there after the winner's acknowledgement. */
  leftovers: number;
}

/**
 * Two processes of 25 openers each go for one secret at a time, released together by a barrier; each winner acknowledges.
 */
export async function race(contest: Contest): Promise<Outcome> {
  const store = await openStore(contest.options);
  const children = Array.from({ length: CONTENDERS }, (_, index) =>
    start("contender.ts", JSON.stringify(contest.options), contest.open, String(index)),
  );
  try {
    const secrets = await depositAll(store, contest.secrets);
    for (const child of children) await reportOf(child);
    const outcome: Outcome = { once: 0, never: 0, twice: 0, gone: 0, failed: 0, wrongBytes: 0, leftovers: 0 };
    for (const secret of secrets) await run(contest, store, children, secret, outcome);
    return outcome;
  } finally {
    await Promise.all(children.map(stop));
    await store.close();
  }
}

/** Declares the race over one store: every secret is read exactly once. */
export function describeRace(name: string, prepare: () => Promise<Omit<Contest, "open" | "secrets">>): void {
  test(`${name} hands each of ${SECRETS} secrets to exactly one of fifty openers in two processes`, async () => {
    const contest = await prepare();
    const outcome = await race({ ...contest, open: "store", secrets: SECRETS });
    expect(outcome).toEqual({
      once: SECRETS,
      never: 0,
      twice: 0,
      gone: SECRETS * (CONTENDERS * OPENERS_EACH - 1),
      failed: 0,
      wrongBytes: 0,
      leftovers: 0,
    });
  }, 120_000);
}

async function run(
  contest: Contest,
  store: Store,
  children: ChildProcess[],
  secret: Sample,
  outcome: Outcome,
) {
  const { link } = secret.reservation;
  const order: Order = { id: secret.id, link: Buffer.from(link).toString("base64") };
  const reports = await Promise.all(
    children.map((child) => {
      const report = reportOf<Report>(child);
      child.send(order);
      return report;
    }),
  );
  const winners = reports.flatMap((report) => report.opened);
  if (winners.length === 1) outcome.once += 1;
  else if (winners.length === 0) outcome.never += 1;
  else outcome.twice += 1;
  const digest = createHash("sha256")
    .update(secret.parts[0] ?? "")
    .digest("base64");
  for (const report of reports) {
    outcome.gone += report.gone;
    outcome.failed += report.failed;
    if (report.opened.some((winner) => winner.digest !== digest)) outcome.wrongBytes += 1;
  }
  const winner = winners[0];
  if (!winner) return;
  await store.acknowledge({ id: secret.id, claim: Buffer.from(winner.claim, "base64") });
  if (await contest.hasCiphertext(secret.id)) outcome.leftovers += 1;
}

async function depositAll(store: Store, count: number): Promise<Sample[]> {
  const secrets: Sample[] = [];
  while (secrets.length < count) {
    const some = Math.min(50, count - secrets.length);
    const wish = { leaseMs: 3_600_000 };
    secrets.push(...(await Promise.all(Array.from({ length: some }, () => liveSample(store, wish)))));
  }
  return secrets;
}
