import type { Verdict } from "@mayfly/crypto/judge";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserNames, startBrowser } from "../src/browser.ts";
import { type ServedJudge, serveJudge } from "../src/judge/serve-judge.ts";

let served: ServedJudge;
beforeAll(async () => {
  served = await serveJudge();
});
afterAll(() => served?.close());

test.concurrent.each(browserNames)(
  "%s gives every answer that the vectors know, as the page's own build",
  async (name) => {
    const browser = await startBrowser(name);
    try {
      const { page, faults } = await browser.visitor();
      await page.goto(served.origin);
      const found = await page.waitForFunction(() => (globalThis as { verdict?: unknown }).verdict, {
        timeout: 60_000,
        polling: 100,
      });
      const { passed, failures } = (await found.jsonValue()) as Verdict;
      expect(failures).toEqual([]);
      expect(passed).toBeGreaterThan(1_000);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
