import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { compose, ready, manage, page } = en;

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

  test("beside a new link says of the last button pressed alone that it copied", async () => {
    const sender = await stage.writing("x");
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    await sender.page.click("summary");
    for (const pressed of [ready.copyLink, ready.copyManage, ready.copyShare]) {
      await sender.copies(pressed);
      const saying = await sender.page.$$eval(
        ".copy",
        (all, copied) =>
          all
            .filter(({ lastElementChild }) => lastElementChild?.textContent === copied)
            .map(({ firstElementChild }) => firstElementChild?.textContent),
        page.copied,
      );
      expect(saying).toEqual([pressed]);
    }
  });

  test("beside a new link takes the link, its QR code and its note away once the secret is deleted", async () => {
    const sender = await stage.writing("x");
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    const link = await sender.value(ready.link);
    await sender.presses(ready.qr);
    await sender.page.waitForSelector("svg[role=img]");
    await sender.page.click("summary");
    await sender.presses(manage.burn);
    await sender.presses(manage.burnYes);
    await sender.arrives(ready.ended);
    const left = await sender.sees();
    for (const gone of [ready.copyLink, ready.copyShare, ready.qr, ready.qrHide, link])
      expect(left).not.toContain(gone);
    expect(await sender.page.$("svg[role=img], #link")).toBeNull();
    await sender.reads(manage.states.burned);
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
