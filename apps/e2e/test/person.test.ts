import { afterAll, beforeAll, expect, test } from "vitest";
import { browserNames } from "../src/browser.ts";
import { openStage, type Stage } from "../src/stage.ts";
import { sideBySide } from "./side-by-side.ts";

const REQUESTS = 40;

sideBySide(browserNames, "what %s did", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterAll(() => stage?.close());

  test("is told whole, though the browser reports it late: every request so far, in order", async () => {
    const visitor = await stage.person();
    await visitor.goes("/no/such/page");
    expect(await visitor.calls()).toEqual([]);
    await visitor.page.evaluate((count) => {
      for (let number = 0; number < count; number++) void fetch(`/api/v1/made/${number}`);
    }, REQUESTS);
    expect(await visitor.calls()).toEqual(Array.from({ length: REQUESTS }, (_, at) => `GET made/${at}`));
    await stage.clear();
    expect(stage.faults).toEqual([]);
  });

  test("is told whole, though it leaves at once: what its page violated", async () => {
    const visitor = await stage.person();
    await visitor.goes("/no/such/page");
    await visitor.page.evaluate(() => {
      new Image().src = "https://elsewhere.invalid/picture.png";
    });
    await stage.clear();
    expect(stage.faults.join()).toContain("img-src https://elsewhere.invalid/picture.png");
  });
});
