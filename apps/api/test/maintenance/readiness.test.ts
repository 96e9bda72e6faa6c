import { expect, test } from "vitest";
import { CHECK_MS, Readiness } from "../../src/maintenance/readiness.ts";

function prepare() {
  let now = 0;
  const answers: PromiseWithResolvers<boolean>[] = [];
  const canWrite = () => {
    const answer = Promise.withResolvers<boolean>();
    answers.push(answer);
    return answer.promise;
  };
  const readiness = new Readiness({ canWrite }, { monotonic: () => now });
  return { readiness, answers, advance: (ms: number) => (now += ms) };
}

test("all that ask within ten seconds share one writing step, also while it is under way", async () => {
  const { readiness, answers, advance } = prepare();
  const asked = Array.from({ length: 50 }, () => readiness.ready());
  advance(CHECK_MS - 1);
  asked.push(readiness.ready());
  expect(answers).toHaveLength(1);
  answers[0]?.resolve(true);
  expect(new Set(await Promise.all(asked))).toEqual(new Set([true]));
});

test("a failure is known ten seconds late at most, and a recovery too", async () => {
  const { readiness, answers, advance } = prepare();
  for (const [n, works] of [true, false, true].entries()) {
    const asked = readiness.ready();
    expect(answers).toHaveLength(n + 1);
    answers[n]?.resolve(works);
    expect(await asked).toBe(works);
    expect(await readiness.ready()).toBe(works);
    advance(CHECK_MS);
  }
});

test("nothing is written while nobody asks", async () => {
  const { answers, advance } = prepare();
  advance(100 * CHECK_MS);
  expect(answers).toEqual([]);
});
