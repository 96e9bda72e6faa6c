import { describe, expect, test } from "vitest";
import type { Fault, History } from "../../chaos/history.ts";
import { check } from "../../chaos/model.ts";
import { rightStories } from "./right-stories.ts";
import { a, b, broken, bytes, gone, NOTHING_LOST, notFound, story } from "./story.ts";
import { wrongStories } from "./wrong-stories.ts";

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
