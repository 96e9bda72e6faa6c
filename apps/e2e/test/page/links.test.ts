import { readLink } from "@mayfly/crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import type { Person } from "../../src/person.ts";
import { sightings } from "../../src/sightings.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { broken, open, page, opened, manage } = en;

sideBySide(browserNames, "a link in %s", (name) => {
  let stage: Stage;
  let visitor: Person;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  /** Follows an address, and waits for the page; the status of the answer. */
  async function follow(address: string): Promise<number | undefined> {
    visitor = await stage.person();
    const status = await visitor.goes(address);
    await visitor.page.waitForSelector("h1");
    return status;
  }
  const addressBar = () => visitor.page.evaluate(() => location.pathname + location.search + location.hash);

  test("that was cut, changed or lost is recognised here, and nothing is asked or used up", async () => {
    const { link } = await stage.protect("whole");
    const changed = link.slice(0, -1) + (link.endsWith("A") ? "B" : "A");
    const cases = [
      [link.slice(0, -5), "link_incomplete"],
      [changed, "link_damaged"],
      [`${stage.origin}/s`, "link_missing"],
    ] as const;
    for (const [address, reason] of cases) {
      expect(await follow(address)).toBe(200);
      await visitor.arrives(broken.title(reason));
      await visitor.reads(broken.reason(reason));
      await visitor.reads(broken.usesNothing);
      expect(await visitor.calls()).toEqual([]);
      // A link that does not work is left where it can be mended, and goes once one works.
      expect(stage.origin + (await addressBar())).toBe(address);
    }
    await visitor.types(broken.paste, ` <${link}>. `);
    await visitor.presses(broken.go);
    await visitor.arrives(open.title);
    expect(await addressBar()).toBe("/s");
    expect(await visitor.calls()).toEqual([]);
    await visitor.presses(open.reveal);
    await visitor.reads("whole");
  });

  test("whose # became %23 is repaired, on the page that says what is wrong and who has seen it", async () => {
    const { link } = await stage.protect("repaired");
    expect(await follow(link.replace("#", "%23"))).toBe(404);
    await visitor.arrives(open.title);
    await visitor.reads(open.seen);
    expect(await visitor.calls()).toEqual([]);
    expect(await addressBar()).toBe("/s");
    await visitor.presses(open.reveal);
    await visitor.reads("repaired");
    await visitor.reads(opened.confirmed);
    const [plain, code] = link.split("#") as [string, string];
    const unknown = await (await fetch(`${plain}%23${code}`)).text();
    expect(unknown).toBe(await (await fetch(`${stage.origin}/no/such/page`)).text());
    expect(unknown).toBe(await (await fetch(`${stage.origin}/s`)).text());
  });

  test("of the other kind is named, and taken where it belongs", async () => {
    const { link, manageLink } = await stage.protect("kept");
    await follow(manageLink.replace("/m#", "/s#"));
    await visitor.arrives(broken.mixed.manageTitle);
    expect(await visitor.calls()).toEqual([]);
    await visitor.presses(broken.mixed.goManage);
    await visitor.arrives(manage.title);
    await visitor.reads(manage.states.live);
    await follow(link.replace("/s#", "/m#"));
    await visitor.arrives(broken.mixed.linkTitle);
    expect(await visitor.calls()).toEqual([]);
    await visitor.presses(broken.mixed.goOpen);
    await visitor.arrives(open.title);
    expect(await visitor.calls()).toEqual([]);
  });

  test("pasted over another one starts over", async () => {
    const [first, second] = [await stage.protect("first"), await stage.protect("second")];
    await follow(first.link);
    await visitor.presses(open.reveal);
    await visitor.reads("first");
    await visitor.page.evaluate((hash) => {
      location.hash = hash;
    }, new URL(second.link).hash);
    await visitor.arrives(open.title);
    expect(await visitor.sees()).not.toContain("first");
    expect(await addressBar()).toBe("/s");
    await visitor.presses(open.reveal);
    await visitor.reads("second");
  });

  test("to nowhere is a page that says so", async () => {
    expect(await follow("/no/such/page")).toBe(404);
    await visitor.arrives(page.lost.title);
    expect(await visitor.calls()).toEqual([]);
  });

  test("leaves no fragment in the address bar or the history, and is not followed again by going back", async () => {
    const { link } = await stage.protect("once", { reads: 2 });
    await follow(link);
    await visitor.arrives(open.title);
    expect(await addressBar()).toBe("/s");
    if (name === "chromium") {
      const session = await visitor.page.createCDPSession();
      const { entries } = await session.send("Page.getNavigationHistory");
      const [, code] = link.split("#") as [string, string];
      expect(entries.map(({ url }) => url).filter((url) => url.includes(code))).toEqual([]);
    }
    await visitor.presses(open.reveal);
    await visitor.reads("once");
    await visitor.reads(opened.readsLeft(1));
    const before = (await visitor.calls()).length;

    await visitor.page.reload();
    await visitor.arrives(broken.title("link_missing"));
    // Loaded anew, or brought back as it was left.
    const nothing = [broken.title("link_missing"), page.cleared.title];
    await visitor.page.goto(`${stage.origin}/`);
    await visitor.page.goBack();
    await visitor.arrives(...nothing);
    expect(await visitor.sees()).not.toContain("once");
    await visitor.page.goForward();
    await visitor.page.goBack();
    await visitor.arrives(...nothing);
    const later = (await visitor.calls()).slice(before);
    expect(later.filter((call) => call !== "GET service")).toEqual([]);
    expect(await stage.client.status(link)).toMatchObject({ readsLeft: 1 });
  });

  test("leaves nothing in what a browser keeps", async () => {
    const { link } = await stage.protect("once", { passphrase: "words" });
    await follow(link);
    await visitor.types(open.passphrase, "words");
    await visitor.presses(open.reveal);
    await visitor.reads(opened.confirmed);
    const kept = await visitor.page.evaluate(async () => ({
      cookies: document.cookie,
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      name: window.name,
      opener: window.opener,
      state: history.state,
    }));
    expect(kept).toEqual({
      cookies: "",
      local: 0,
      session: 0,
      databases: 0,
      caches: 0,
      workers: 0,
      name: "",
      opener: null,
      state: null,
    });
    expect(await visitor.visitor.context.cookies()).toEqual([]);
  });

  // Firefox keeps no page in memory whose answer said no-store.
  if (name === "chromium") {
    test("is cleared when the browser brings its page back from memory", async () => {
      const { link } = await stage.protect("never opened");
      await follow(link);
      await visitor.arrives(open.title);
      await visitor.page.goto(`${stage.origin}/`);
      await visitor.page.goBack();
      await visitor.arrives(page.cleared.title);
      const calls = await visitor.calls();
      expect(calls.filter((call) => call !== "GET service")).toEqual([]);
    });
  }

  test("shows nothing any more once its page was left, whatever the browser brings back", async () => {
    const { link } = await stage.protect("left behind", { reads: 2 });
    await follow(link);
    await visitor.presses(open.reveal);
    await visitor.reads("left behind");
    const left = await visitor.page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
      return document.documentElement.outerHTML;
    });
    expect(left).not.toContain("left behind");
    await visitor.page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    });
    await visitor.arrives(page.cleared.title);

    // A draft is plaintext too.
    await visitor.goes("/");
    await visitor.types(en.compose.message, "unsent words");
    await visitor.page.goto(`${stage.origin}/s`);
    await visitor.page.goBack();
    await visitor.field(en.compose.message);
    expect(await visitor.value(en.compose.message)).toBe("");
  });

  test("and what it opens are in no byte that the browser sends", async () => {
    const text = "plaintext canary 9f31c77a";
    const writer = await stage.person();
    await writer.goes("/");
    const from = stage.proxy.sent().length;
    await writer.types(en.compose.message, text);
    await writer.presses(en.compose.protect);
    await writer.arrives(en.ready.title);
    const link = await writer.value(en.ready.link);
    await follow(link);
    await visitor.presses(open.reveal);
    await visitor.reads(text);
    await visitor.reads(opened.confirmed);
    const sent = stage.proxy.sent().subarray(from);
    expect(sent.includes("/acknowledge")).toBe(true);
    const { code } = readLink(link);
    expect(sightings(sent, code.secret)).toEqual([]);
    expect(sightings(sent, Buffer.from(text))).toEqual([]);
    const hosts = [...(await writer.requests()), ...(await visitor.requests())].map(
      (request) => new URL(request.split(" ")[1] ?? "").origin,
    );
    expect(new Set(hosts)).toEqual(new Set([stage.origin]));
  });

  test("was never stopped by the content policy, and met no error of the page", () => {
    expect(stage.faults).toEqual([]);
  });
});
