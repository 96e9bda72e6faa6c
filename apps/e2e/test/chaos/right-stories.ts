/** Histories that look suspicious and break no rule. */
import type { Guarantee, History } from "../../chaos/history.ts";
import {
  a,
  b,
  bytes,
  done,
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

export const rightStories: readonly [name: string, history: History, guarantee?: Guarantee][] = [
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
    "a claim of unlimited reads, forgotten after its lease, takes another read",
    story(
      [
        [100, "open", bytes(3_100), a],
        [3_400, "open", bytes(6_400), a],
      ],
      { facts: { reads: "unlimited" } },
    ),
  ],
  [
    "the same, after it was told that its read is over, and had acknowledged it",
    story(
      [
        [100, "open", bytes(3_100), a],
        [3_300, "open", gone("opened"), a],
        [3_400, "acknowledge", done, a],
        [3_500, "open", bytes(6_500), a],
      ],
      { facts: { reads: "unlimited" } },
    ),
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
    "a stranger's deposit finds the store full",
    story([
      [100, "deposit", { is: "problem", status: 507, code: "store_full" }, { showing: "stranger" }],
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
