import { textOf } from "@mayfly/client";
import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { compose, ready, manage, page } = en;

sideBySide(browserNames, "a sender in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  test("gets a link, selected, that opens the message, and copies it byte for byte", async () => {
    const sender = await stage.writing("hunter2");
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    const link = await sender.value(ready.link);
    expect(link).toMatch(new RegExp(`^${stage.origin}/s#[A-Za-z0-9_-]{72}$`));
    const selected = await (await sender.field(ready.link)).evaluate((field) => {
      const { value, selectionStart, selectionEnd } = field as HTMLTextAreaElement;
      return document.activeElement === field && value.slice(selectionStart, selectionEnd);
    });
    expect(selected).toBe(link);
    expect(await sender.sees()).toContain("opens once");

    await sender.presses(ready.copyLink);
    await sender.reads(page.copied);
    await sender.presses(ready.another);
    const field = await sender.field(compose.message);
    expect(await sender.value(compose.message)).toBe("");
    await field.focus();
    await sender.page.keyboard.down("Control");
    await sender.page.keyboard.press("v");
    await sender.page.keyboard.up("Control");
    expect(await sender.value(compose.message)).toBe(link);
    expect(textOf((await stage.client.open(link)).secret)).toBe("hunter2");
  });

  test("sees the link while it is being stored, made after the place and before the deposit", async () => {
    const sender = await stage.writing("held back");
    stage.proxy.holdFrom("PUT /api/v1/secrets/");
    await sender.presses(compose.protect);
    await sender.reads(compose.steps.storing);
    const early = await sender.value(compose.storing);
    await until("the deposit to be on its way", () => stage.proxy.held);
    expect((await sender.calls()).filter((call) => !call.endsWith("service"))).toEqual([
      "POST secrets",
      "PUT secrets/ID/parts/0",
    ]);
    await expect(stage.client.status(early)).rejects.toMatchObject({ code: "not_found" });
    stage.proxy.release();
    await sender.arrives(ready.title);
    expect(await sender.value(ready.link)).toBe(early);
    expect(await stage.client.status(early)).toMatchObject({ state: "live", readsLeft: 1 });
  });

  test("is suggested a passphrase, which the message then needs", async () => {
    const sender = await stage.writing("behind words");
    await sender.presses(compose.suggest);
    await sender.reads("random bits");
    const passphrase = await sender.value(compose.passphrase);
    expect(passphrase.length).toBeGreaterThan(15);
    expect(await sender.sees()).toContain(passphrase);
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    expect(await sender.sees()).toContain(ready.passphrase);
    expect(await sender.sees()).toContain(passphrase);
    const link = await sender.value(ready.link);
    await expect(stage.client.open(link)).rejects.toMatchObject({ code: "passphrase_required" });
    expect(textOf((await stage.client.open(link, { passphrase })).secret)).toBe("behind words");
  });

  test("chooses how often and how long, and manages the message from the same page", async () => {
    const sender = await stage.writing("often");
    await sender.chooses(compose.reads, "unlimited");
    await sender.chooses(compose.lifetime, "300");
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    expect(await sender.sees()).toContain("opens as often as wanted");
    const link = await sender.value(ready.link);
    const status = await stage.client.status(link);
    expect(status.readsLeft).toBe("unlimited");
    expect(Date.parse(status.expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);

    await sender.page.click("summary");
    await sender.reads(manage.unlimited);
    const manageLink = await sender.value(ready.manageLink);
    expect(manageLink).toMatch(new RegExp(`^${stage.origin}/m#[A-Za-z0-9_-]{72}$`));
    await sender.presses(manage.burn);
    await sender.presses(manage.burnNo);
    expect(await stage.client.status(link)).toMatchObject({ state: "live" });
    await sender.presses(manage.burn);
    await sender.presses(manage.burnYes);
    await sender.reads(manage.states.burned);
    expect(await stage.client.status(link)).toMatchObject({ state: "burned" });

    const later = await stage.person();
    await later.goes(manageLink);
    await later.arrives(manage.title);
    await later.reads(manage.states.burned);
    const recipient = await stage.person();
    await recipient.goes(link);
    await recipient.presses(en.open.reveal);
    await recipient.arrives(en.ended.states.burned.title);
  });

  test("sends nothing without a message, and keeps the message when the service is not there", async () => {
    const sender = await stage.person();
    await sender.goes("/");
    await sender.presses(compose.protect);
    await sender.reads(page.fault({ code: "empty" }));
    await sender.types(compose.message, "kept");
    stage.proxy.cut();
    await sender.presses(compose.protect);
    await sender.reads(page.fault({ code: "offline" }));
    expect(await sender.value(compose.message)).toBe("kept");
    stage.proxy.mend();
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    expect(textOf((await stage.client.open(await sender.value(ready.link))).secret)).toBe("kept");
  });

  test("loses neither message nor link when the service comes back after the page was offline", async () => {
    const sender = await stage.person();
    await sender.goes("/");
    await sender.field(compose.message);
    stage.proxy.cut();
    await sender.types(compose.message, "typed in a tunnel");
    await sender.presses(compose.protect);
    await sender.reads(page.fault({ code: "offline" }));
    stage.proxy.mend();
    await sender.presses(compose.protect);
    await sender.arrives(ready.title);
    const link = await sender.value(ready.link);
    expect(textOf((await stage.client.open(link)).secret)).toBe("typed in a tunnel");
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
