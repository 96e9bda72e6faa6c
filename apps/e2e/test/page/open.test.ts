import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { open, opened, page, ended } = en;

sideBySide(browserNames, "a recipient in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  async function arriving(link: string) {
    const recipient = await stage.person();
    await recipient.goes(link);
    await recipient.arrives(open.title);
    return recipient;
  }

  test("asks nothing of the service by arriving, nor by a press that no person made", async () => {
    const { link } = await stage.protect("hunter2");
    const recipient = await arriving(link);
    await recipient.button(open.reveal);
    await recipient.page.evaluate(() => {
      const button = [...document.querySelectorAll("button")].at(-1) as HTMLButtonElement;
      button.click();
      button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      button.focus();
      button.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      document.querySelector("form")?.requestSubmit();
    });
    await recipient.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await recipient.calls()).toEqual([]);
    expect(await recipient.sees()).toContain(open.reveal);
    expect(await stage.client.status(link)).toMatchObject({ state: "live", readsLeft: 1 });
  });

  test("reveals the secret, whose end is confirmed at once; the next one is told that it was opened", async () => {
    const text = "hunter2\n  <b>not markup</b>";
    const { link, manageLink } = await stage.protect(text);
    const [recipient, second] = [await arriving(link), await arriving(link)];
    await recipient.presses(open.reveal);
    await recipient.reads(opened.confirmed);
    expect(await recipient.page.$eval("#secret", (shown) => shown.textContent)).toBe(text);
    expect(await recipient.calls()).toEqual([
      "POST secrets/ID/open",
      "POST secrets/ID/acknowledge",
      "GET service",
    ]);
    expect(await stage.client.status(manageLink)).toMatchObject({ state: "opened" });

    await recipient.presses(page.hide);
    expect(await recipient.sees()).not.toContain("hunter2");
    await recipient.presses(page.show);
    await recipient.reads("hunter2");

    await second.presses(open.reveal);
    await second.arrives(ended.states.opened.title);
    expect(await second.sees()).toContain("If that was not you, treat it as read by someone else");
    expect(await second.sees()).not.toContain("hunter2");
  });

  test("spends a try, and not the secret, with a wrong passphrase", async () => {
    const { link } = await stage.protect("behind words", { passphrase: "right" });
    const recipient = await arriving(link);
    await recipient.presses(open.reveal);
    await recipient.reads(page.fault({ code: "passphrase_empty" }));
    expect(await recipient.calls()).toEqual([]);
    await recipient.types(open.passphrase, "wrong");
    await recipient.presses(open.reveal);
    await recipient.reads(page.fault({ code: "wrong_passphrase", attemptsLeft: 9 }));
    const field = await recipient.field(open.passphrase);
    // The page may focus the field meanwhile, which drops the selection.
    do {
      await field.evaluate((input) => (input as HTMLInputElement).select());
      await field.type("right");
    } while ((await recipient.value(open.passphrase)) !== "right");
    await recipient.presses(open.reveal);
    await recipient.reads("behind words");
    await recipient.reads(opened.confirmed);
  });

  test("reads what may be read without a limit, and is told so", async () => {
    const { link } = await stage.protect("often", { reads: "unlimited" });
    for (let reader = 0; reader < 2; reader++) {
      const recipient = await arriving(link);
      await recipient.presses(open.reveal);
      await recipient.reads("often");
      await recipient.reads(opened.readsLeft("unlimited"));
    }
  });

  test("takes one read with a double click", async () => {
    const { link } = await stage.protect("twice", { reads: 2 });
    const recipient = await arriving(link);
    await (await recipient.button(open.reveal)).click({ count: 2, delay: 5 });
    await recipient.reads(opened.readsLeft(1));
    const opens = (await recipient.calls()).filter((call) => call.endsWith("/open"));
    expect(opens).toEqual(["POST secrets/ID/open"]);
    expect(await stage.client.status(link)).toMatchObject({ readsLeft: 1 });
  });

  test("loses nothing with a lost answer", async () => {
    const { link } = await stage.protect("kept");
    const recipient = await arriving(link);
    const before = stage.proxy.dropped;
    stage.proxy.dropAnswerTo("/open HTTP");
    await recipient.presses(open.reveal);
    await recipient.reads("kept");
    await recipient.reads(opened.confirmed);
    expect(stage.proxy.dropped).toBe(before + 1);
  });

  test("goes on as the same reader when the service could not be reached for a while", async () => {
    const { link } = await stage.protect("kept");
    const recipient = await arriving(link);
    const [from, before, refused] = [stage.proxy.sent().length, stage.proxy.dropped, stage.proxy.refused];
    stage.proxy.dropAnswerTo("/open HTTP");
    // The first try reaches the service and its answer is lost; the next ones find nobody.
    const cut = until("the first answer to be lost", () => {
      if (stage.proxy.dropped === before) return false;
      stage.proxy.cut();
      return true;
    });
    await recipient.presses(open.reveal);
    await cut;
    await until("several tries to be refused", () => stage.proxy.refused > refused + 2);
    stage.proxy.mend();
    await recipient.reads("kept");
    await recipient.reads(opened.confirmed);
    const claims = claimsIn(stage.proxy.sent().subarray(from), "/open");
    expect(claims.length).toBeGreaterThan(1);
    expect(new Set(claims).size).toBe(1);
  });

  test("goes on by itself within its lease when it was cut off between two parts, and says until when it tries", async () => {
    const { link } = await stage.protect("x".repeat(1_500_000));
    const recipient = await arriving(link);
    stage.proxy.holdFrom("/parts/1 HTTP");
    await recipient.presses(open.reveal);
    await until("the second part to be wanted", () => stage.proxy.held);
    stage.proxy.cut();
    stage.proxy.release();
    await recipient.reads("Trying again until");
    stage.proxy.mend();
    await recipient.arrives(opened.title);
  });

  test("sees the secret even when its end cannot be confirmed, and is told when it ends", async () => {
    const { link } = await stage.protect("kept");
    const recipient = await arriving(link);
    stage.proxy.holdFrom("/acknowledge");
    await recipient.presses(open.reveal);
    await recipient.reads("kept");
    await recipient.reads(opened.asking);
    stage.proxy.release();
    await recipient.reads(opened.confirmed);
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});

/** The claims of all requests to a path that ends so, in order. */
function claimsIn(sent: Buffer, path: string): string[] {
  const requests = sent.toString("latin1").split(/(?=POST )/);
  return requests
    .filter((request) => request.split(" ", 2)[1]?.endsWith(path))
    .flatMap((request) => /"claim":"([\w-]+)"/.exec(request)?.[1] ?? []);
}
