import { fieldsSecret, filesSecret } from "@mayfly/client";
import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { broken, compose, ready, manage, open, page, opened } = en;

sideBySide(browserNames, "leaving the page in %s", (name) => {
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
    return recipient;
  }

  test("asks while a message is typed or stored, and until its link is copied", async () => {
    const sender = await stage.writing("typed");
    await sender.isAskedAndStays();
    stage.proxy.holdFrom("PUT /api/v1/secrets/");
    await sender.presses(compose.protect);
    await sender.reads(compose.steps.storing);
    await sender.isAskedAndStays();
    stage.proxy.release();
    await sender.arrives(ready.title);
    await sender.isAskedAndStays();
    await sender.copies(ready.copyLink);
    await sender.mayLeave();
  });

  test("asks until a suggested passphrase is copied, too", async () => {
    const sender = await stage.writing("behind words");
    await sender.presses(compose.suggest);
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    await sender.copies(ready.copyShare);
    await sender.isAskedAndStays();
    await sender.copies(page.copyPassphrase);
    await sender.mayLeave();
  });

  test("does not ask when nothing is typed, nor for a link of what was deleted", async () => {
    const visitor = await stage.writing("x");
    await visitor.page.keyboard.press("Backspace");
    await visitor.mayLeave();
    const sender = await stage.writing("deleted");
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    await sender.page.click("summary");
    await sender.presses(manage.burn);
    await sender.presses(manage.burnYes);
    await sender.arrives(ready.ended);
    await sender.mayLeave();
  });

  test("asks while a secret is on its way, and until it is copied", async () => {
    const { link } = await stage.protect("received");
    stage.proxy.holdFrom("/open HTTP");
    const recipient = await revealing(link);
    await until("the press to be on its way", () => stage.proxy.held);
    await recipient.isAskedAndStays();
    stage.proxy.release();
    await recipient.reads("received");
    await recipient.isAskedAndStays();
    await recipient.copies(opened.copy);
    await recipient.mayLeave();
  });

  test("tells afterwards that coming uses nothing up, and leaves what was before to the service", async () => {
    const { link } = await stage.protect("received");
    const recipient = await revealing(link);
    await recipient.reads(opened.confirmed);
    await recipient.page.reload();
    await recipient.arrives(broken.title("link_missing"));
    await recipient.reads(broken.usesNothing);
    expect(await recipient.sees()).not.toMatch(/nothing (?:was|has been) (?:used up|lost)/i);
    await recipient.types(broken.paste, link);
    await recipient.presses(broken.go);
    await recipient.presses(open.reveal);
    await recipient.arrives(en.ended.states.opened.title);
  });

  test("does not ask before a press, nor about what can be opened again and again", async () => {
    const { link } = await stage.protect("often", { reads: "unlimited" });
    const visitor = await stage.person();
    await visitor.goes(link);
    await visitor.arrives(open.title);
    await visitor.page.click("h1");
    await visitor.mayLeave();
    const recipient = await revealing(link);
    await recipient.reads("often");
    await recipient.mayLeave();
  });

  test("asks until each field is copied", async () => {
    const login = fieldsSecret("login", { username: "ada", password: "hunter2" });
    const { link } = await stage.client.protect(login, { lifetime: 3600, reads: 1 });
    const recipient = await revealing(link);
    await recipient.copies(opened.copyField("password"));
    await recipient.isAskedAndStays();
    await recipient.copies(opened.copyField("username"));
    await recipient.mayLeave();
  });

  test("asks until each file is saved, and not for the saving", async () => {
    const file = (called: string) => ({
      name: called,
      type: "",
      size: 1,
      stream: () => new Blob(["x"]).stream(),
    });
    const files = filesSecret([file("one"), file("two")]);
    const { link } = await stage.client.protect(files, { lifetime: 3600, reads: 1 });
    const recipient = await revealing(link);
    await (await recipient.page.waitForSelector('a[download="one"]'))?.click();
    await recipient.isAskedAndStays();
    await recipient.page.click('a[download="two"]');
    await recipient.mayLeave();
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
