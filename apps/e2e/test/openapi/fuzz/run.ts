/** Asks a running service thousands of things, and judges every answer by the service's own description. */
import fc from "fast-check";
import { type Heard, exchange as overTcp } from "./connection.ts";
import { type DescribedOperation, describedBy } from "./description.ts";
import { Judge } from "./judge.ts";
import { KnownSecret } from "./known-secret.ts";
import { type Request, requestFor, rightRequest } from "./request.ts";
import { type Step, steps } from "./step.ts";

export interface FuzzOptions {
  readonly origin: string;
  /** At least so many; a round is always played to its end, and with one request it is the first alone. */
  readonly requests: number;
  readonly seed: number;
  /** For the test that falsifies answers. */
  readonly exchange?: typeof overTcp;
}

export interface Fault {
  readonly what: string;
  /** The seed whose first round shows it. */
  readonly seed: number;
  readonly operation: string;
  readonly request: string;
  readonly answer: string;
}

export interface Fuzzed {
  readonly requests: number;
  /** How many seeds were used, from the first on. */
  readonly rounds: number;
  /** By operation, then by status; 0: no answer, to bytes that were no request. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly faults: readonly Fault[];
}

/** What no operation is: another method, another address, bytes that are no HTTP. */
export const ELSEWHERE = "(elsewhere)";
export const DAMAGED = "(damaged bytes)";

const SCENARIOS_OF_A_ROUND = 4;
const ROUNDS_AT_A_TIME = 5;
const STEPS = { minLength: 12, maxLength: 40, size: "max" } as const;
/** For bytes that may be no whole request. Too short would only mean an answer that is not waited for. */
const YIELD_AFTER_MS = 150;

/** The same questions for the same seed and description; what they find also depends on how they meet in the service. */
export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  const { origin, requests: wanted, seed, exchange = overTcp } = options;
  const port = Number(new URL(origin).port);
  const description = await describedBy(origin);
  const judge = new Judge(description, await plainly(port, "/api/v1/service"), await plainly(port, "/"));
  const counts = new Map<string, Map<number, number>>();
  const faults: Fault[] = [];
  const ids = new Set<string>();
  const examples = new Map(
    description.operations.map((each) => [each.name, [...each.takes.values()][0]?.example]),
  );
  const named = (name: string) =>
    description.operations.find((each) => each.name === name) as DescribedOperation;
  const scenarios = fc.array(steps(description), STEPS);
  let requests = 0;
  let rounds = 0;

  await Promise.all(Array.from({ length: Math.min(ROUNDS_AT_A_TIME, wanted) }, playRounds));
  return { requests, rounds, counts, faults };

  async function playRounds(): Promise<void> {
    while (requests < wanted) {
      const roundSeed = seed + rounds;
      rounds += 1;
      for (const scenario of fc.sample(scenarios, { seed: roundSeed, numRuns: SCENARIOS_OF_A_ROUND }))
        await play(scenario, roundSeed);
    }
  }

  async function play(scenario: readonly Step[], roundSeed: number): Promise<void> {
    const secrets: KnownSecret[] = [];
    for (const step of scenario) {
      const { chosen } = step;
      const met = secrets[step.secret % Math.max(secrets.length, 1)];
      const wantsNew = chosen === null ? met?.isOver : chosen.operation.name === "reserve";
      const subject = met === undefined || wantsNew ? new KnownSecret(step.entropy, step) : met;
      if (subject !== met) secrets.unshift(subject);
      const another = secrets.at(-1) as KnownSecret;
      const name = (subject.place !== null && step.whim) || subject.next();
      const request =
        chosen === null
          ? rightRequest(named(name), subject, examples.get(name))
          : requestFor(chosen, subject, another);
      await ask(request, subject, roundSeed);
    }
  }

  async function ask(request: Request, secret: KnownSecret, roundSeed: number): Promise<void> {
    requests += 1;
    const operation = judge.operationOf(request);
    const row = request.isDamaged ? DAMAGED : (operation?.name ?? ELSEWHERE);
    const { isDamaged } = request;
    // As the service reads it: line ends before a request do not count (RFC 9112, 2.2).
    const [method = ""] = request.bytes.subarray(0, 20).toString("latin1").trimStart().split(" ", 1);
    let heard: Heard;
    try {
      heard = await exchange(port, request.bytes, {
        method,
        ...(isDamaged && { yieldAfterMs: YIELD_AFTER_MS }),
      });
    } catch (error) {
      found((error as Error).message, null);
      return;
    }
    const [answer] = heard.answers;
    count(row, answer?.status ?? 0);
    if (!isDamaged && heard.answers.length !== 1)
      found(`${heard.answers.length} answers to one request`, null);
    if (heard.rest.length > 0) found("something after the answer, or a part of one", null);
    if (answer !== undefined && operation !== null && answer.status < 300 && !isDamaged) {
      if (operation.name === "reserve") ids.add((JSON.parse(answer.body.toString()) as { id: string }).id);
      if (secret.isMeantBy(request)) secret.succeeded(operation.name, answer.body);
    }
    for (const each of heard.answers) for (const what of judge.faults(request, each, ids)) found(what, each);

    function found(what: string, answered: Heard["answers"][number] | null): void {
      if (faults.some((known) => known.what === what && known.operation === row)) return;
      faults.push({
        what,
        seed: roundSeed,
        operation: row,
        request: shown(request.bytes),
        answer: answered === null ? "" : `${answered.status} ${shown(answered.body)}`,
      });
    }
  }

  function count(row: string, status: number): void {
    const statuses = counts.get(row) ?? new Map<number, number>();
    counts.set(row, statuses.set(status, (statuses.get(status) ?? 0) + 1));
  }
}

async function plainly(port: number, target: string) {
  const request = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  const { answers } = await overTcp(port, request, { method: "GET" });
  const [answer] = answers;
  if (answer === undefined) throw new Error("the service does not answer");
  return answer;
}

/** Made of one line that can be read. The secrets in it are the fuzzer's own. */
function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.subarray(0, 700).toString("latin1"));
  return bytes.length > 700 ? `${text} and ${bytes.length - 700} bytes` : text;
}
