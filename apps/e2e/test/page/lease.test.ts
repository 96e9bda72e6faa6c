import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { ended, open, page } = en;

/** Longer than one part: the read is taken before all has arrived. */
const text = "x".repeat(1_500_000);

sideBySide(browserNames, "a read that is cut off in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name, { MAYFLY_LEASE_SECONDS: "4" });
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  /** Somebody whose page has the first part of a secret, and cannot reach the service any more. */
  async function cutOff() {
    const { link } = await stage.protect(text);
    const recipient = await stage.person();
    await recipient.goes(link);
    await recipient.arrives(open.title);
    stage.proxy.holdFrom("/parts/1 HTTP");
    await recipient.presses(open.reveal);
    await until("the second part to be wanted", () => stage.proxy.held);
    stage.proxy.cut();
    stage.proxy.release();
    return { recipient, link };
  }

  test("is told with its time when the tries are over, and as this page's own when its lease has ended", async () => {
    const { recipient, link } = await cutOff();
    await recipient.reads("last said that it may try again until");
    const seen = await recipient.sees();
    expect(seen).toContain(page.fault({ code: "offline" }));
    expect(seen).not.toMatch(/nothing was lost/i);
    await recipient.isAskedAndStays();
    await until("the lease to end", async () => (await stage.client.status(link)).state === "opened");
    stage.proxy.mend();
    await recipient.presses(page.tryAgain);
    await recipient.arrives(ended.states.opened.title);
    expect(await recipient.sees()).toMatch(/This page had it, until \d+:\d\d:\d\d/);
    expect(await recipient.sees()).not.toContain("someone else");
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
