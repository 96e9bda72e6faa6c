import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames, OTHER_NAME } from "../../src/browser.ts";
import { forgetHeartbeat } from "../../src/forget-heartbeat.ts";
import { isReady, startApi, startWorker } from "../../src/service.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { compose, ready, open, page, opened, manage } = en;

sideBySide(browserNames, "the page in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  test("says that the service is halted, and goes on by itself when it is open again", async () => {
    const { link, manageLink } = await stage.protect("kept");
    const [sender, recipient, owner] = [await stage.person(), await stage.person(), await stage.person()];
    await recipient.goes(link);
    await recipient.arrives(open.title);

    const { service } = stage;
    await service.worker.stop();
    forgetHeartbeat(service.keeping);
    await until("the halt", async () => !(await isReady(service.origin)));

    await sender.goes("/");
    await sender.reads(page.halted.title);
    await sender.reads(page.halted.wait);
    const disabled = await (await sender.button(compose.protect)).evaluate(
      (button) => (button as HTMLButtonElement).disabled,
    );
    expect(disabled).toBe(true);
    await sender.types(compose.message, "waits");
    await recipient.page.bringToFront();
    await recipient.presses(open.reveal);
    await recipient.reads(page.halted.title);
    await owner.goes(manageLink);
    await owner.reads(page.halted.title);

    service.worker = startWorker(service.keeping, service.env);
    await sender.page.bringToFront();
    await sender.page.waitForFunction(
      () => !(document.querySelector("button.main") as HTMLButtonElement | null)?.disabled,
    );
    expect(await sender.sees()).not.toContain(page.halted.title);
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    await owner.page.bringToFront();
    await owner.reads(manage.states.live);
    await recipient.page.bringToFront();
    await recipient.page.waitForFunction(
      () => !(document.querySelector("button.main") as HTMLButtonElement | null)?.disabled,
    );
    await recipient.presses(open.reveal);
    await recipient.reads("kept");
    await recipient.reads(opened.confirmed);
  });

  test("over plain http explains itself, and takes and sends nothing", async () => {
    const { link } = await stage.protect("safe");
    // Under a name that is not loopback a service answers only as its public one.
    const { keeping, env } = stage.service;
    const named = await startApi(keeping, { ...env, PUBLIC_URL: `https://${OTHER_NAME}` });
    const elsewhere = named.origin.replace("127.0.0.1", OTHER_NAME);
    const visitor = await stage.person();
    for (const address of [`${elsewhere}/`, link.replace(stage.origin, elsewhere)]) {
      await visitor.goes(address);
      await visitor.reads(page.unfitTitle);
      await visitor.reads(page.unfit.insecure);
      const enabled = await visitor.page.$$eval(
        "main button[type=submit], main textarea, main input",
        (all) => all.filter((each) => !(each as HTMLButtonElement).disabled).length,
      );
      expect(enabled).toBe(0);
    }
    const requests = await visitor.requests();
    expect(requests.filter((request) => request.includes("/api/"))).toEqual([]);
    expect(await stage.client.status(link)).toMatchObject({ state: "live" });
    await visitor.visitor.settle();
    await named.running.stop();
  });

  test("is not for translating by a third party, at any address that gives HTML", async () => {
    for (const path of ["/", "/s", "/m", "/nowhere", "/%", "/s%23code"]) {
      const html = await (await fetch(stage.origin + path)).text();
      expect(html, path).toMatch(/<html [^>]*translate="no"/);
      expect(html, path).toContain('<meta name="google" content="notranslate" />');
    }
    const { link } = await stage.protect("ours alone");
    const recipient = await stage.person();
    await recipient.goes(link);
    await recipient.presses(open.reveal);
    await recipient.reads("ours alone");
    const translated = await recipient.page.$$eval("*", (all) =>
      all.filter((each) => (each as HTMLElement).translate).map(({ tagName }) => tagName),
    );
    expect(translated.filter((tag) => !["svg", "path"].includes(tag))).toEqual([]);
  });

  // Firefox's WebDriver BiDi has no emulation.setScriptingEnabled yet.
  if (name === "chromium") {
    test("without JavaScript says so, and asks nothing", async () => {
      const { link } = await stage.protect("safe");
      const visitor = await stage.person();
      await visitor.page.setJavaScriptEnabled(false);
      await visitor.goes(link);
      expect(await visitor.sees()).toContain("needs JavaScript");
      const height = await visitor.page.$eval("noscript p", (text) => text.getBoundingClientRect().height);
      expect(height).toBeGreaterThan(0);
      expect(await visitor.calls()).toEqual([]);
      // Only a page with scripts reports violations of the content policy.
      await visitor.page.setJavaScriptEnabled(true);
      await visitor.goes(link);
    });
  }

  test("without its sentences says what to do, and keeps the link for the next try", async () => {
    const { link } = await stage.protect("safe");
    const visitor = await stage.person();
    stage.proxy.refuseRequests("/assets/en-");
    await visitor.goes(link);
    await visitor.reads("a part of this page did not load");
    await visitor.reads("Coming here uses nothing up. Please check the connection and load the page again");
    expect(visitor.page.url()).toBe(link);
    expect(await visitor.calls()).toEqual([]);
    stage.proxy.mend();
    await visitor.page.reload();
    await visitor.arrives(open.title);
  });

  test("without the code of a view says so, and loads it when asked to try again", async () => {
    const { link } = await stage.protect("safe");
    const visitor = await stage.person();
    stage.proxy.refuseRequests("/assets/open-view");
    await visitor.goes(link);
    await visitor.reads(page.fault({ code: "offline" }));
    await visitor.presses(page.tryAgain);
    await visitor.reads(page.fault({ code: "offline" }));
    stage.proxy.mend();
    await visitor.presses(page.tryAgain);
    await visitor.arrives(open.title);
    expect(await visitor.calls()).toEqual([]);
  });

  test("is used with the keyboard alone, from the message to the secret", async () => {
    const sender = await stage.person();
    await sender.goes("/");
    await sender.field(compose.message);
    await until("the message to have the focus", () =>
      sender.page.evaluate(() => document.activeElement?.id === "message"),
    );
    await sender.page.keyboard.type("by hand");
    for (const stop of [compose.lifetime, compose.reads, compose.passphrase, compose.suggest])
      await sender.tabsTo(stop);
    await sender.tabsTo(compose.protect);
    await sender.page.keyboard.press("Enter");
    await sender.arrives(ready.title);
    const link = await sender.value(ready.link);
    await sender.tabsTo(ready.copyLink);
    await sender.page.keyboard.press("Enter");
    await sender.reads(page.copied);

    const recipient = await stage.person();
    await recipient.goes(link);
    await recipient.arrives(open.title);
    await recipient.tabsTo(open.reveal);
    await recipient.page.keyboard.press("Enter");
    await recipient.reads("by hand");
    await recipient.tabsTo(opened.copy);
    await recipient.page.keyboard.press("Enter");
    await recipient.reads(page.copied);
  });

  test("fits a phone of 320 pixels in every state, in both directions and with text twice as large, and names all controls", async () => {
    const visitor = await stage.person();
    await visitor.page.setViewport({ width: 320, height: 640 });
    const faults: string[] = [];
    async function look(state: string): Promise<void> {
      for (const [direction, fontSize] of [
        ["ltr", "212.5%"],
        ["rtl", "212.5%"],
        ["rtl", ""],
        ["ltr", ""],
      ] as const) {
        const over = await visitor.page.evaluate(
          (dir, size) => {
            document.documentElement.dir = dir;
            document.documentElement.style.fontSize = size;
            const { scrollWidth, clientWidth } = document.documentElement;
            return scrollWidth - clientWidth;
          },
          direction,
          fontSize,
        );
        if (over > 0) faults.push(`${state} ${direction} ${fontSize}: ${over} pixels too wide`);
      }
      const [title, language] = await visitor.page.evaluate(() => [
        document.title,
        document.documentElement.lang,
      ]);
      if (!title) faults.push(`${state}: no title`);
      if (language !== "en") faults.push(`${state}: no language`);
      if (name === "chromium")
        faults.push(...(await nameless(visitor.page)).map((role) => `${state}: a ${role} without a name`));
    }

    await visitor.goes("/");
    await visitor.types(compose.message, "W".repeat(300));
    await visitor.presses(compose.suggest);
    await visitor.reads("random bits");
    await look("compose");
    await visitor.presses(compose.protect);
    await visitor.arrives(ready.title);
    const link = await visitor.value(ready.link);
    await visitor.page.click("summary");
    await visitor.reads(manage.states.live);
    await visitor.presses(ready.qr);
    await visitor.page.waitForSelector("svg[role=img]");
    await look("ready");
    await visitor.presses(manage.burn);
    await visitor.button(manage.burnYes);
    await look("burning");
    await visitor.goes(link);
    await visitor.arrives(open.title);
    await look("open with a passphrase");
    await visitor.goes((await stage.protect("W".repeat(2_000))).link);
    await visitor.presses(open.reveal);
    await visitor.reads(opened.confirmed);
    await look("secret");
    await visitor.goes("/s");
    await visitor.arrives(en.broken.title("link_missing"));
    await look("broken");
    await visitor.goes("/nowhere");
    await visitor.arrives(page.lost.title);
    await look("lost");
    expect(faults).toEqual([]);
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});

const controls = ["button", "textbox", "combobox", "link", "progressbar", "image", "DisclosureTriangle"];

/** Roles of the controls that assistive technology could not name. */
async function nameless(page: import("puppeteer-core").Page): Promise<string[]> {
  const found: string[] = [];
  const walk = (node: { role: string; name?: string; children?: unknown[] }) => {
    if (controls.includes(node.role) && !node.name) found.push(node.role);
    for (const child of node.children ?? []) walk(child as typeof node);
  };
  const tree = await page.accessibility.snapshot({ interestingOnly: true });
  if (tree === null) throw new Error("no accessibility tree");
  walk(tree as Parameters<typeof walk>[0]);
  return found;
}
