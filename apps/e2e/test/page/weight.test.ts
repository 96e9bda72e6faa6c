import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sum, weigh } from "../../src/page-weight.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";

/** Bytes of gzip for one address, document, scripts and style together. */
const LIMIT = 40_000;
const LATER = /passphrase|qr-code|stretch|protecting|reading|manage-panel|ready-view|opened-view|ended-view/;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage("chromium");
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

test.each([
  ["the sender's page", async () => `${stage.origin}/`, en.compose.title],
  ["the recipient's page", async () => (await stage.protect("x")).link, en.open.title],
])("the first load of %s is under 40 kB of gzip, as sent", async (_name, addressOf, title) => {
  const person = await stage.person();
  const address = await addressOf();
  const weights = await weigh(person, address, "gzip");
  await person.arrives(title);

  const types = weights.map(({ type }) => type);
  expect(types.filter((type) => type === "document")).toHaveLength(1);
  expect(types.filter((type) => type === "stylesheet")).toHaveLength(1);
  // The entry, the view and the language.
  expect(types.filter((type) => type === "script")).toHaveLength(3);
  for (const { path, encoding, bytes } of weights) {
    expect([path, encoding]).toEqual([path, "gzip"]);
    expect(bytes, path).toBeGreaterThan(0);
    expect(path).not.toMatch(LATER);
  }
  expect(sum(weights), JSON.stringify(weights)).toBeLessThan(LIMIT);
});
