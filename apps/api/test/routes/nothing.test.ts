import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

/** Longer than the store takes for anything; an answer that did not wait for it would come before. */
const AFTER_MS = 400;

let service: RunningService;
let calls: ReturnType<typeof callsTo>;
beforeAll(async () => {
  service = await runService({ notFoundAfterMs: AFTER_MS });
  calls = callsTo(service.url);
});
afterAll(() => service.close());

const claim = randomText(32);
const proof = randomText(32);
const ids: readonly (readonly [string, () => Promise<string>])[] = [
  ["an unknown id", async () => randomText(16)],
  ["a wrong proof", () => calls.protect(sampleSecret())],
  [
    "a reservation",
    async () => {
      const { envelope, verifiers } = sampleSecret();
      const reserved = await calls.reserve({ lifetime: 300, reads: 1, bytes: envelope.length, verifiers });
      return ((await reserved.json()) as { id: string }).id;
    },
  ],
];
const questions: readonly (readonly [string, (id: string) => Promise<Response>])[] = [
  ["open", (id) => calls.open(id, { linkProof: proof, claim })],
  ["part", (id) => calls.part(id, 0, claim)],
  ["status", (id) => calls.status(id, proof)],
  ["acknowledge", (id) => calls.acknowledge(id, claim)],
  ["burn", (id) => calls.burn(id, proof)],
  ["deposit", (id) => calls.deposit(id, 0, proof, sampleSecret().envelope)],
];

/** Times of the same answer would tell which of these it was: `pnpm nightly` measures that none does. */
test.each(ids)(
  "says at the same moment on every route that there is nothing, for %s",
  async (_what, make) => {
    const id = await make();
    const answers = questions.map(async ([name, ask]) => {
      const began = performance.now();
      const { status } = await ask(id);
      return [name, status, performance.now() - began >= AFTER_MS];
    });
    expect(await Promise.all(answers)).toEqual(questions.map(([name]) => [name, 404, true]));
  },
);
