import { expect, test } from "vitest";
import { repeatsKey } from "../../src/http/json-keys.ts";

const repeats = (text: string) => repeatsKey(text, JSON.parse(text));

test("finds a key that is written twice, in any object and however it is written", () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{ "a" : 1 , "\\u0061" : 1 }',
    '[{"a":{"b":1,"b":1}}]',
    '{"__proto__":1,"__proto__":1}',
    '{"1":0,"0":0,"1":0}',
  ])
    expect(repeats(text), text).toBe(true);
});

test("takes every text without one, closely or loosely written", () => {
  const values = [
    {},
    [],
    "a",
    1,
    null,
    { a: 1, b: { a: "a:" } },
    [{ '"': 1 }, { "\\": '":' }],
    { 1: 0, 0: '"a":' },
  ];
  for (const value of values)
    for (const space of [undefined, 1, "\t"])
      expect(repeats(JSON.stringify(value, null, space)), JSON.stringify(value)).toBe(false);
});
