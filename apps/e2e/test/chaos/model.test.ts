import { describe, expect, test } from "vitest";
import type { Call, CallKind, Fault, Guarantee, History, Outcome, SecretFacts } from "../../chaos/history.ts";
import { check, type RuleName } from "../../chaos/model.ts";

const NOTHING_LOST: Guarantee = { forgets: [], undoes: [] };
const SECRET: SecretFacts = { secret: 1, reads: 1, passphrase: false, parts: ["h0", "h1"], leaseMs: 3_000 };
/** The monotonic clock of these stories starts at the epoch, so that both kinds of time read alike. */
const EXPIRES = 300_000;

const live: Outcome = { is: "done", expiresAt: EXPIRES };
const done: Outcome = { is: "done" };
const none: Outcome = { is: "none", why: "reset" };
const bytes = (leaseEnds = 3_100, hash = "h0"): Outcome => ({ is: "bytes", hash, readsLeft: 0, leaseEnds });
const notFound: Outcome = { is: "problem", status: 404, code: "not_found" };
const unavailable: Outcome = { is: "problem", status: 503, code: "unavailable" };
const gone = (state: "opened" | "expired" | "burned" | "locked"): Outcome => ({
  is: "problem",
  status: 410,
  code: "gone",
  state,
});
const wrong = (attemptsLeft: number): Outcome => ({
  is: "problem",
  status: 403,
  code: "wrong_passphrase",
  attemptsLeft,
});
const status = (attemptsLeft: number): Outcome => ({
  is: "status",
  state: "live",
  readsLeft: 1,
  attemptsLeft,
  expiresAt: EXPIRES,
});

type Line = readonly [at: number, kind: CallKind, outcome: Outcome, more?: Partial<Call>];

/** A history of lines that begin at `at` and take ten milliseconds, after a deposit that was confirmed. */
function story(
  lines: readonly Line[],
  more: Partial<History> & { facts?: Partial<SecretFacts> } = {},
): History {
  const all: Line[] = [[0, "deposit", live], ...lines];
  const calls = all.map(
    ([at, kind, outcome, rest], number): Call => ({
      number,
      kind,
      secret: 1,
      by: "somebody",
      showing: "right",
      invokedAt: at,
      completedAt: at + 10,
      outcome,
      ...rest,
    }),
  );
  const { facts, ...others } = more;
  return {
    epoch: 0,
    secrets: [{ ...SECRET, ...facts }],
    calls,
    faults: [],
    clockSteps: [],
    calmAt: Number.POSITIVE_INFINITY,
    remainders: [],
    ...others,
  };
}

const broken = (history: History, guarantee = NOTHING_LOST): RuleName[] =>
  [...new Set(check(history, guarantee).map(({ rule }) => rule))].sort();

const a = { claim: "a" };
const b = { claim: "b" };
const guess = { showing: "wrong_passphrase", claim: "g" } as const;
const withPassphrase = { facts: { passphrase: true } };

const nineWrong = Array.from({ length: 9 }, (_, n): Line => [100 + 20 * n, "open", wrong(9 - n), guess]);

const wrongStories: readonly [name: string, rule: RuleName, history: History][] = [
  [
    "two claims read a secret with one read",
    "readers",
    story([
      [100, "open", bytes(), a],
      [100, "open", bytes(), b],
    ]),
  ],
  [
    "a claim reads, and another gets the half of it",
    "readers",
    story([
      [100, "open", bytes(), a],
      [100, "open", { is: "cut" }, b],
    ]),
  ],
  [
    "three claims read a secret with two reads",
    "readers",
    story(
      [
        [100, "open", bytes(), a],
        [100, "open", bytes(), b],
        [100, "open", bytes(), { claim: "c" }],
      ],
      { facts: { reads: 2 } },
    ),
  ],
  [
    "a claim gets a further part that another's read gave way to",
    "readers",
    story([
      [100, "open", bytes(), a],
      [100, "part", bytes(3_100, "h1"), { claim: "b", part: 1 }],
    ]),
  ],
  ["a part comes back with other bytes", "bytes", story([[100, "open", bytes(3_100, "zz"), a]])],
  [
    "a part comes back in another's place",
    "bytes",
    story([
      [100, "open", bytes(), a],
      [120, "part", bytes(3_100, "h0"), { claim: "a", part: 1 }],
    ]),
  ],
  [
    "a deposit sent again is a conflict",
    "bytes",
    story([[20, "deposit", { is: "problem", status: 409, code: "conflict" }]]),
  ],
  [
    "a deposit sent again lengthens the life",
    "bytes",
    story([[20, "deposit", { is: "done", expiresAt: EXPIRES + 20 }]]),
  ],
  [
    "bytes after an acknowledgement",
    "ends",
    story([
      [100, "open", bytes(), a],
      [120, "acknowledge", done, a],
      [140, "open", bytes(), a],
    ]),
  ],
  [
    "bytes for the claim that acknowledged one of two reads",
    "ends",
    story(
      [
        [100, "open", bytes(), a],
        [120, "acknowledge", done, a],
        [140, "open", bytes(), a],
      ],
      { facts: { reads: 2 } },
    ),
  ],
  [
    "bytes after a burn",
    "ends",
    story([
      [100, "burn", done],
      [120, "open", bytes(), a],
    ]),
  ],
  [
    "bytes after the lock",
    "ends",
    story([...nineWrong, [290, "open", gone("locked"), guess], [320, "open", bytes(), a]], withPassphrase),
  ],
  [
    "bytes after the status told an end",
    "ends",
    story([
      [100, "status", { ...status(10), state: "expired" } as Outcome],
      [120, "open", bytes(), a],
    ]),
  ],
  [
    "a claim that was told it is gone reads after all",
    "ends",
    story([
      [100, "open", none, a],
      [3_200, "open", gone("opened"), a],
      [3_300, "open", bytes(9_000), a],
    ]),
  ],
  ["bytes after the expiry", "expiry", story([[EXPIRES + 1_000, "open", bytes(EXPIRES), a]])],
  [
    "bytes after an expiry that a step of the clock brought",
    "expiry",
    story([[2_000, "open", bytes(4_000), a]], {
      clockSteps: [{ from: 1_000, to: 1_010, offsetMs: 400_000 }],
    }),
  ],
  ["a lease that outlives the expiry", "expiry", story([[100, "open", bytes(EXPIRES + 1), a]])],
  [
    "bytes after the lease",
    "expiry",
    story([
      [100, "open", bytes(3_100), a],
      [3_400, "open", bytes(3_100), a],
    ]),
  ],
  ["nobody came, and it is gone as opened", "survival", story([[100, "open", gone("opened"), a]])],
  [
    "only a stranger came, and it is gone as opened",
    "survival",
    story([
      [50, "open", notFound, { showing: "stranger", claim: "s" }],
      [100, "open", gone("opened"), a],
    ]),
  ],
  [
    "the answer was lost, and the same claim gets nothing within its lease",
    "survival",
    story([
      [100, "open", none, a],
      [200, "open", gone("opened"), a],
    ]),
  ],
  [
    "a rival who was refused is the only one to have come before",
    "survival",
    story([
      [100, "open", gone("opened"), b],
      [200, "open", gone("opened"), a],
    ]),
  ],
  ["nobody burned, and it is burned", "survival", story([[100, "open", gone("burned"), a]])],
  ["expired before its time", "survival", story([[100, "open", gone("expired"), a]])],
  [
    "locked after three wrong passphrases",
    "survival",
    story([...nineWrong.slice(0, 3), [300, "open", gone("locked"), a]], withPassphrase),
  ],
  [
    "one of two reads is gone, and nobody else came twice",
    "survival",
    story(
      [
        [100, "open", bytes(), a],
        [200, "open", gone("opened"), b],
      ],
      { facts: { reads: 2 } },
    ),
  ],
  ["a confirmed secret is unknown to its reader", "survival", story([[100, "open", notFound, a]])],
  ["a confirmed secret is unknown to its sender", "survival", story([[100, "status", notFound]])],
  [
    "a claim that read cannot acknowledge",
    "survival",
    story([
      [100, "open", bytes(), a],
      [200, "acknowledge", notFound, a],
    ]),
  ],
  [
    "nobody can be asked at the end",
    "survival",
    story([[900, "open", unavailable, { by: "probe", claim: "p" }]], { calmAt: 500 }),
  ],
  ["bytes for a wrong passphrase", "passphrase", story([[100, "open", bytes(), guess]], withPassphrase)],
  [
    "bytes without the passphrase",
    "passphrase",
    story([[100, "open", bytes(), { showing: "no_passphrase", claim: "g" }]], withPassphrase),
  ],
  ["the right passphrase is called wrong", "passphrase", story([[100, "open", wrong(9), a]], withPassphrase)],
  [
    "two attempts for the price of one",
    "passphrase",
    story(
      [
        [100, "open", wrong(9), guess],
        [100, "open", wrong(9), guess],
      ],
      withPassphrase,
    ),
  ],
  [
    "attempts come back",
    "passphrase",
    story(
      [
        [100, "open", wrong(9), guess],
        [200, "open", wrong(8), guess],
        [300, "open", wrong(9), guess],
      ],
      withPassphrase,
    ),
  ],
  [
    "an attempt that nobody made is counted",
    "passphrase",
    story([[100, "open", wrong(8), guess]], withPassphrase),
  ],
  [
    "the status forgets an attempt",
    "passphrase",
    story(
      [
        [100, "open", wrong(9), guess],
        [200, "status", status(10)],
      ],
      withPassphrase,
    ),
  ],
  [
    "a stranger's open spends an attempt",
    "passphrase",
    story(
      [
        [100, "open", notFound, { showing: "stranger", claim: "s" }],
        [200, "status", status(9)],
      ],
      withPassphrase,
    ),
  ],
  ["a stranger burns", "strangers", story([[100, "burn", done, { showing: "stranger" }]])],
  [
    "a stranger is told that it is gone",
    "strangers",
    story([
      [100, "open", gone("expired"), { showing: "stranger", claim: "s" }],
      [90, "burn", done],
    ]),
  ],
  [
    "a stranger acknowledges",
    "strangers",
    story([[100, "acknowledge", done, { showing: "stranger", claim: "s" }]]),
  ],
  [
    "an internal error",
    "answers",
    story([[100, "status", { is: "problem", status: 500, code: "internal" }]]),
  ],
  [
    "a code with another's status",
    "answers",
    story([[100, "status", { is: "problem", status: 500, code: "unavailable" }]]),
  ],
  ["a code that the route does not have", "answers", story([[100, "acknowledge", gone("opened"), a]])],
  [
    "a page of some proxy",
    "answers",
    story([[100, "status", { is: "strange", status: 502, why: "no problem document" }]]),
  ],
  [
    "a burn refused by the halt",
    "answers",
    story([[100, "burn", { is: "problem", status: 503, code: "halted" }]]),
  ],
  [
    "ciphertext of an ended secret in a file",
    "remains",
    story([], { remainders: [{ what: "ciphertext", where: "mayfly.db", secret: 1 }] }),
  ],
];

const rightStories: readonly [name: string, history: History, guarantee?: Guarantee][] = [
  [
    "one reads, repeats within the lease, acknowledges twice; rivals come too late",
    story([
      [100, "open", bytes(), a],
      [105, "open", gone("opened"), b],
      [150, "open", bytes(), a],
      [200, "acknowledge", done, a],
      [220, "acknowledge", done, a],
      [300, "open", gone("opened"), a],
    ]),
  ],
  [
    "two rivals read a secret with two reads",
    story(
      [
        [100, "open", bytes(), a],
        [100, "open", bytes(), b],
        [200, "acknowledge", done, a],
        [220, "open", bytes(), b],
      ],
      { facts: { reads: 2 } },
    ),
  ],
  [
    "any number read an unlimited one",
    story(
      [
        [100, "open", bytes(), a],
        [100, "open", bytes(), b],
        [100, "open", bytes(), { claim: "c" }],
      ],
      { facts: { reads: "unlimited" } },
    ),
  ],
  [
    "a read that was under way when it was burned",
    story([
      [100, "burn", done, { completedAt: 300 }],
      [150, "open", bytes(), { ...a, completedAt: 400 }],
    ]),
  ],
  [
    "an open that was answered 503 took the read",
    story([
      [100, "open", unavailable, b],
      [200, "open", gone("opened"), a],
    ]),
  ],
  [
    "an open that was never answered takes the read late",
    story([
      [100, "open", none, b],
      [2_000, "open", gone("opened"), a],
    ]),
  ],
  [
    "a lost read whose lease is over",
    story([
      [100, "open", none, a],
      [3_300, "open", gone("opened"), a],
    ]),
  ],
  [
    "a part that was lost renewed the lease",
    story([
      [100, "open", bytes(3_100), a],
      [2_900, "part", none, { claim: "a", part: 1 }],
      [3_500, "part", bytes(5_900, "h1"), { claim: "a", part: 1 }],
    ]),
  ],
  [
    "a burn that was not answered burned",
    story([
      [100, "burn", none],
      [200, "open", gone("burned"), a],
    ]),
  ],
  [
    "expired by a step of the clock, and still when it is set back",
    story(
      [
        [2_000, "open", gone("expired"), a],
        [4_000, "open", gone("expired"), b],
      ],
      {
        clockSteps: [
          { from: 1_000, to: 1_010, offsetMs: 400_000 },
          { from: 3_000, to: 3_010, offsetMs: 0 },
        ],
      },
    ),
  ],
  [
    "nine wrong, one of them without an answer, and the tenth is right",
    story(
      [
        ...nineWrong.slice(0, 4),
        [180, "open", none, guess],
        ...nineWrong.slice(5),
        [400, "open", bytes(), a],
      ],
      withPassphrase,
    ),
  ],
  [
    "ten wrong lock, and stay locked",
    story(
      [...nineWrong, [290, "open", gone("locked"), guess], [320, "open", gone("locked"), a]],
      withPassphrase,
    ),
  ],
  [
    "wrong ones at a time, answered in any order",
    story(
      [
        [100, "open", wrong(8), guess],
        [100, "open", wrong(9), guess],
        [200, "status", status(8)],
      ],
      withPassphrase,
    ),
  ],
  [
    "a stranger finds nothing",
    story([
      [100, "open", notFound, { showing: "stranger", claim: "s" }],
      [100, "burn", notFound, { showing: "stranger" }],
      [200, "open", bytes(), a],
    ]),
  ],
  [
    "halted, and then read",
    story([
      [100, "open", { is: "problem", status: 503, code: "halted" }, a],
      [200, "open", bytes(), a],
    ]),
  ],
  [
    "the probe is answered in the end",
    story(
      [
        [900, "open", unavailable, { by: "probe", claim: "p" }],
        [1_200, "open", bytes(), { by: "probe", claim: "p" }],
      ],
      { calmAt: 500 },
    ),
  ],
];

const kill: Fault = { kind: "redis-kill", from: 50, to: 60 };

describe("the checker finds", () => {
  test.each(wrongStories)("%s (%s)", (_name, rule, history) => {
    expect(broken(history)).toContain(rule);
  });

  test("nothing more than the one broken rule where one is broken alone", () => {
    expect(broken(wrongStories[0]?.[2] as History)).toEqual(["readers"]);
    expect(broken(story([[100, "open", gone("opened"), a]]))).toEqual(["survival"]);
  });

  test("the calls that prove it", () => {
    const [violation] = check(
      story([
        [100, "open", bytes(), a],
        [100, "open", bytes(), b],
      ]),
      NOTHING_LOST,
    );
    expect(violation?.proof.map(({ claim }) => claim)).toEqual(["a", "b"]);
  });
});

describe("the checker accuses nobody when", () => {
  test.each(rightStories)("%s", (_name, history) => {
    expect(check(history, NOTHING_LOST)).toEqual([]);
  });
});

describe("a stated guarantee", () => {
  const lost = story([[100, "open", notFound, a]], { faults: [kill] });
  const twice = story(
    [
      [40, "open", bytes(), a],
      [100, "open", bytes(), b],
    ],
    { faults: [kill] },
  );

  test("excuses what was there before a fault that forgets", () => {
    expect(broken(lost)).toEqual(["survival"]);
    expect(broken(lost, { forgets: ["redis-kill"], undoes: [] })).toEqual([]);
  });

  test("that forgets excuses no second reader", () => {
    expect(broken(twice, { forgets: ["redis-kill"], undoes: [] })).toEqual(["readers"]);
    expect(broken(twice, { forgets: [], undoes: ["redis-kill"] })).toEqual([]);
  });

  test("does not excuse what was deposited after the fault", () => {
    const before = story([[100, "open", notFound, a]], {
      faults: [{ kind: "redis-kill", from: -50, to: -40 }],
    });
    expect(broken(before, { forgets: ["redis-kill"], undoes: [] })).toEqual(["survival"]);
  });
});
