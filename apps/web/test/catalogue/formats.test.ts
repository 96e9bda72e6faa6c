import { expect, test } from "vitest";
import { formatsIn } from "../../src/catalogue/formats.ts";

test("a time is told exactly, with its zone", () => {
  const said = formatsIn("en-GB", "Europe/Berlin").exact("2030-07-01T10:05:00.000Z");
  expect(said).toBe("1 July 2030 at 12:05 CEST");
});

test("a length of time is told in its largest whole unit, rounded up", () => {
  const { span } = formatsIn("en");
  expect([300, 3600, 86_400, 604_800, 5, 90].map(span)).toEqual([
    "5 minutes",
    "1 hour",
    "1 day",
    "7 days",
    "5 seconds",
    "2 minutes",
  ]);
});

test("a number of bytes is told in the unit that people know", () => {
  const { size } = formatsIn("en");
  expect([1, 5, 40_000, 999_999, 3_000_000, 1_048_576].map(size)).toEqual([
    "1 byte",
    "5 bytes",
    "40 kB",
    "1,000 kB",
    "3 MB",
    "1 MB",
  ]);
});

test("a count takes the form that its language has for it", () => {
  const { plural } = formatsIn("pl");
  const forms = { one: "# próba", few: "# próby", many: "# prób", other: "# próby" };
  expect([1, 2, 5, 22].map((count) => plural(count, forms))).toEqual([
    "1 próba",
    "2 próby",
    "5 prób",
    "22 próby",
  ]);
  expect(plural(5, { other: "#!" })).toBe("5!");
});
