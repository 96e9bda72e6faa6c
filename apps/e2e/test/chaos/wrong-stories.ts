/** Histories that break a rule each, with the rule. */
import type { History, Outcome } from "../../chaos/history.ts";
import type { RuleName } from "../../chaos/model.ts";
import {
  a,
  b,
  bytes,
  done,
  EXPIRES,
  gone,
  guess,
  nineWrong,
  none,
  notFound,
  status,
  story,
  unavailable,
  withPassphrase,
  wrong,
} from "./story.ts";

export const wrongStories: readonly [name: string, rule: RuleName, history: History][] = [
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
  [
    "bytes after the lease, of unlimited reads and without another one",
    "expiry",
    story(
      [
        [100, "open", bytes(3_100), a],
        [3_400, "open", bytes(3_100), a],
      ],
      { facts: { reads: "unlimited" } },
    ),
  ],
  [
    "a read of unlimited ones that was acknowledged is repeated within its lease",
    "ends",
    story(
      [
        [100, "open", bytes(3_100), a],
        [200, "acknowledge", done, a],
        [300, "open", bytes(3_100), a],
      ],
      { facts: { reads: "unlimited" } },
    ),
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
    "a stranger is told that the store is full by what needs no room",
    "strangers",
    story([[100, "burn", { is: "problem", status: 507, code: "store_full" }, { showing: "stranger" }]]),
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
