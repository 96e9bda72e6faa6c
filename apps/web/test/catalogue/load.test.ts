import { expect, test } from "vitest";
import { load, pickLocale } from "../../src/catalogue/load.ts";

test("the first of a person's languages that has a catalogue is taken, with its region", () => {
  expect(pickLocale(["xx", "en-GB", "en-US"])).toBe("en-GB");
  expect(pickLocale(["EN-gb"])).toBe("EN-gb");
});

test("whoever reads no language of the page gets English", () => {
  expect(pickLocale([])).toBe("en");
  expect(pickLocale(["xx-YY", "constructor"])).toBe("en");
});

test("a catalogue is loaded with its region's dates", async () => {
  const at = "2030-07-01T10:05:00.000Z";
  const british = await load("en-GB");
  expect(british).toMatchObject({ language: "en", direction: "ltr" });
  expect(british.manage.exact(at)).toContain("1 July 2030");
  expect((await load("en-US")).manage.exact(at)).toContain("July 1, 2030");
});
