import { filesSecret } from "@mayfly/client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { pagesOf } from "../../src/pdf-pages.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { open, secret } = en;

sideBySide(browserNames, "what a recipient gets in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  async function revealing(link: string) {
    const recipient = await stage.person();
    await recipient.goes(link);
    await recipient.presses(open.reveal);
    await recipient.arrives(secret.shown);
    return recipient;
  }

  test("is printed whole, however many lines it has", async () => {
    const recipient = await revealing((await stage.protect("a line\n".repeat(400))).link);
    expect(pagesOf(await recipient.page.pdf({ format: "a4" }))).toBeGreaterThan(5);
    const short = await revealing((await stage.protect("a line")).link);
    expect(pagesOf(await short.page.pdf({ format: "a4" }))).toBe(1);
  });

  test("names files of any length without making a phone's page wider", async () => {
    const { link } = await stage.client.protect(
      filesSecret([
        { name: "W".repeat(255), type: "", size: 1, stream: () => new Blob(["x"]).stream() },
        { name: `${"ä".repeat(125)}.txt`, type: "", size: 1, stream: () => new Blob(["y"]).stream() },
      ]),
      { lifetime: 3600, reads: 1 },
    );
    const recipient = await revealing(link);
    await recipient.page.setViewport({ width: 320, height: 640 });
    const [wide, width] = await recipient.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth];
    });
    expect(wide).toBe(width);
    expect(await recipient.sees()).toContain("W".repeat(255));
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
