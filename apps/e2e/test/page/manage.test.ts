import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { manage } = en;

sideBySide(browserNames, "a manage page in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  test("deletes nothing by presses that no person made, and deletes by a person's", async () => {
    const { link, manageLink } = await stage.protect("kept");
    const owner = await stage.person();
    await owner.goes(manageLink);
    await owner.reads(manage.states.live);
    await owner.page.evaluate((burn) => {
      [...document.querySelectorAll("button")].find(({ textContent }) => textContent === burn)?.click();
    }, manage.burn);
    const yes = await owner.button(manage.burnYes);
    await yes.evaluate((button) => {
      (button as HTMLButtonElement).click();
      button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
    await owner.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect((await owner.calls()).filter((call) => call.startsWith("DELETE"))).toEqual([]);
    expect(await stage.client.status(link)).toMatchObject({ state: "live" });
    await yes.click();
    await owner.reads(manage.states.burned);
    expect(await stage.client.status(link)).toMatchObject({ state: "burned" });
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
