import { expect, test } from "vitest";
import { timesIn } from "../../src/words/times.ts";

test("a time is told exactly, with its zone", () => {
  const said = timesIn("en-GB", "Europe/Berlin").exact("2030-07-01T10:05:00.000Z");
  expect(said).toBe("1 July 2030 at 12:05 CEST");
});

test("a length of time is told in its largest whole unit, rounded up", () => {
  const { span } = timesIn("en");
  expect([300, 3600, 86_400, 604_800, 5, 90].map(span)).toEqual([
    "5 minutes",
    "1 hour",
    "1 day",
    "7 days",
    "5 seconds",
    "2 minutes",
  ]);
});
