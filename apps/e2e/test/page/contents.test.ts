import { createHash } from "node:crypto";
import { filesSecret } from "@mayfly/client";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { browserNames } from "../../src/browser.ts";
import { pagesOf } from "../../src/pdf-pages.ts";
import type { Person } from "../../src/person.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { protectUnknown } from "../../src/unknown-secret.ts";
import { en } from "../../src/words.ts";
import { sideBySide } from "../side-by-side.ts";

const { open, opened } = en;
const once = { lifetime: 3600, reads: 1 } as const;

interface Offering {
  offered?: Record<string, Blob>;
  copied?: number;
}

sideBySide(browserNames, "what a recipient gets in %s", (name) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage?.clear());
  afterAll(() => stage?.close());

  async function revealing(link: string) {
    const recipient = await stage.person();
    // What the page offers for saving cannot be fetched under its policy: it is kept where it is made.
    await recipient.page.evaluateOnNewDocument(() => {
      const make = URL.createObjectURL;
      URL.createObjectURL = (blob: Blob) => {
        const address = make(blob);
        Object.assign(window, { offered: { ...(window as Window & Offering).offered, [address]: blob } });
        return address;
      };
    });
    await recipient.goes(link);
    await recipient.presses(open.reveal);
    await recipient.arrives(opened.title);
    return recipient;
  }

  /** SHA-256 of what the link with this name saves. */
  async function offered(recipient: Person, called: string): Promise<string> {
    const link = await recipient.page.waitForSelector(`a[download="${called}"][href^="blob:"]`);
    const base64 = await link?.evaluate(async (anchor) => {
      const blob = (window as Window & Offering).offered?.[(anchor as HTMLAnchorElement).href] as Blob;
      const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
      return btoa(String.fromCharCode(...new Uint8Array(digest)));
    });
    return Buffer.from(base64 ?? "", "base64").toString("hex");
  }
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  test.each([
    ["a million alternating direction overrides", "\u202ea\u202db".repeat(262_144)],
    ["five megabytes on one line", "W".repeat(5_000_000)],
  ])("is laid out as far as a browser can, and copied and saved whole: %s", async (_what, text) => {
    const recipient = await revealing((await stage.protect(text)).link);
    await recipient.reads(opened.beginning);
    const [shown, inAll] = await recipient.page.evaluate(() => [
      document.querySelector("#secret")?.textContent ?? "",
      document.documentElement.textContent?.length ?? 0,
    ]);
    expect(text.startsWith(shown as string)).toBe(true);
    expect((shown as string).length).toBe(65_536);
    expect(inAll).toBeLessThan(70_000);
    expect(await offered(recipient, "secret.txt")).toBe(sha256(Buffer.from(text)));
    await recipient.page.evaluate(() => {
      const write = navigator.clipboard.writeText.bind(navigator.clipboard);
      navigator.clipboard.writeText = (copied) => {
        Object.assign(window, { copied: copied.length });
        return write(copied);
      };
    });
    await recipient.copies(opened.copy);
    expect(await recipient.page.evaluate(() => (window as Window & Offering).copied)).toBe(text.length);
  });

  const bytes = new Uint8Array([0xff, 0xfe, 0x41, 0]);
  test.each([
    [
      "is no text though it says so",
      async () => (await stage.client.protect({ meta: { kind: "text" }, content: bytes }, once)).link,
    ],
    ["is of an unknown kind", () => protectUnknown(stage.origin, bytes)],
  ])("is offered as bytes when it %s, and not acknowledged before it is saved", async (_what, made) => {
    const link = await made();
    const recipient = await revealing(link);
    await recipient.reads(opened.unreadable);
    expect(await recipient.sees()).not.toContain(opened.confirmed);
    expect((await recipient.calls()).filter((call) => call.startsWith("POST"))).toEqual([
      "POST secrets/ID/open",
    ]);
    expect(await stage.client.status(link)).toMatchObject({ state: "claimed" });
    await recipient.isAskedAndStays();
    expect(await offered(recipient, "secret.bin")).toBe(sha256(bytes));
    await recipient.page.click('a[download="secret.bin"]');
    await recipient.reads(opened.confirmed);
    expect(await stage.client.status(link)).toMatchObject({ state: "opened" });
    await recipient.mayLeave();
  });

  test("is said to leave the service's files as soon as the service says", async () => {
    const recipient = await revealing((await stage.protect("gone soon")).link);
    const { maintenance } = await stage.client.service();
    await recipient.reads(opened.erased(maintenance.erasedWithinSeconds));
  });

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
