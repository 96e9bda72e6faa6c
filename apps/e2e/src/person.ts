/** Somebody in front of the page, who knows it by its words: labels, button texts, headings. */

import { until } from "@mayfly/lab/until";
import type { ElementHandle, Page } from "puppeteer-core";
import type { Visitor } from "./browser.ts";

/** The path of requests that only mark a moment in the list of requests. */
const MARK = "/livez?mark=";

export class Person {
  readonly page: Page;
  readonly visitor: Visitor;
  readonly #origin: string;
  #marks = 0;
  #stays = false;
  #asked = 0;

  constructor(visitor: Visitor, origin: string) {
    this.visitor = visitor;
    this.page = visitor.page;
    this.#origin = origin;
    this.page.on("dialog", (dialog) => {
      this.#asked += 1;
      // A page that has gone meanwhile takes its dialog along.
      (this.#stays ? dialog.dismiss() : dialog.accept()).catch(() => {});
    });
  }

  /** Waits until the page wants the browser to ask before it is left, or wants that no more. */
  async #wantsAsking(wanted: boolean): Promise<void> {
    await until(wanted ? "the page to want asking" : "the page to be left unasked", async () => {
      const wants = await this.page.evaluate(() => {
        const event = new Event("beforeunload", { cancelable: true });
        dispatchEvent(event);
        return event.defaultPrevented;
      });
      return wants === wanted;
    });
  }

  /**
   * The browser asks before the page is loaded anew, and this person stays. Under remote control Firefox never asks, or
   * breaks once somebody has stayed: of it, only what the page wants is known.
   */
  async isAskedAndStays(): Promise<void> {
    await this.#wantsAsking(true);
    if ((await this.page.browser().version()).toLowerCase().includes("firefox")) return;
    const before = this.#asked;
    this.#stays = true;
    await this.page.evaluate(() => {
      setTimeout(() => location.reload());
    });
    await until("the browser to ask", () => this.#asked > before);
    this.#stays = false;
  }

  /** The page can be left without being asked. */
  async mayLeave(): Promise<void> {
    await this.#wantsAsking(false);
  }

  /** Opens an address of the service: a path, or a whole link. The answer's status. */
  async goes(address: string): Promise<number | undefined> {
    const url = address.startsWith("/") ? this.#origin + address : address;
    // Another fragment of the same page would be no visit.
    if (this.page.url() !== "about:blank") await this.page.goto("about:blank");
    return (await this.page.goto(url))?.status();
  }

  /** The button with this accessible name, once it is there. */
  async button(name: string): Promise<ElementHandle<Element>> {
    const found = await this.page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
    if (found === null) throw new Error(`no button is called ${name}`);
    return found;
  }

  /** The field that this label stands for, once it is there. */
  async field(label: string): Promise<ElementHandle<HTMLElement>> {
    const found = await this.page.waitForFunction(
      (text) =>
        [...document.querySelectorAll("label")].find((each) => each.textContent?.trim() === text)?.control,
      { polling: 50 },
      label,
    );
    return found as ElementHandle<HTMLElement>;
  }

  async presses(name: string): Promise<void> {
    await (await this.button(name)).click();
  }

  /** Presses a button that copies, and waits until it says that it has. */
  async copies(name: string): Promise<void> {
    const button = await this.button(name);
    await button.click();
    await this.page.waitForFunction(
      (pressed) => pressed.nextElementSibling?.textContent !== "",
      { polling: 50 },
      button,
    );
  }

  async types(label: string, text: string): Promise<void> {
    await (await this.field(label)).type(text);
  }

  async chooses(label: string, value: string): Promise<void> {
    await (await this.field(label)).select(value);
  }

  async value(label: string): Promise<string> {
    return (await this.field(label)).evaluate((field) => (field as HTMLTextAreaElement).value);
  }

  /** Waits until the page says `words`, blanks aside. */
  async reads(words: string): Promise<void> {
    const wanted = words.replaceAll(/\s+/g, " ");
    try {
      await this.page.waitForFunction(
        // biome-ignore lint/performance/useDomNodeTextContent: what a person sees, not what stands hidden
        (text) => document.body.innerText.replaceAll(/\s+/g, " ").includes(text),
        { polling: 50 },
        wanted,
      );
    } catch (error) {
      throw new Error(`"${wanted}" is not in: ${await this.sees()}`, { cause: error });
    }
  }

  /** All that the page says now. */
  sees(): Promise<string> {
    // biome-ignore lint/performance/useDomNodeTextContent: what a person sees, not what stands hidden
    return this.page.evaluate(() => document.body.innerText);
  }

  /** Waits for the page's heading: this one, or any of these. */
  async arrives(...headings: string[]): Promise<void> {
    try {
      await this.page.waitForFunction(
        (texts) => texts.includes(document.querySelector("h1")?.textContent ?? ""),
        { polling: 50 },
        headings,
      );
    } catch (error) {
      throw new Error(`"${headings}" is not the heading of: ${await this.sees()}`, { cause: error });
    }
  }

  /** Goes on with the Tab key until the control with this text or label has the focus. */
  async tabsTo(name: string): Promise<void> {
    for (let stop = 0; stop < 40; stop++) {
      const here = await this.page.evaluate(() => {
        const focused = document.activeElement as HTMLInputElement | null;
        return focused?.labels?.[0]?.textContent?.trim() ?? focused?.textContent?.trim();
      });
      if (here === name) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`the Tab key does not lead to ${name}`);
  }

  /**
   * Every request of the page until now, in order, as `METHOD URL`. Browsers report requests late, but in order: the
   * page sends one more, and all that stand before it in the list are all that there were.
   */
  async requests(): Promise<string[]> {
    this.#marks += 1;
    const mark = `${MARK}${this.#marks}`;
    await this.page.evaluate((path) => {
      fetch(path).catch(() => undefined);
    }, mark);
    const { requests } = this.visitor;
    const at = await until("the browser to report the page's last request", () => {
      const found = requests.findIndex((request) => request.endsWith(mark));
      return found >= 0 && { found };
    });
    return requests.slice(0, at.found).filter((request) => !request.includes(MARK));
  }

  /** What the page asked of the API until now, as `METHOD /path`, with `ID` for ids. */
  async calls(): Promise<string[]> {
    const prefix = `${this.#origin}/api/v1/`;
    return (await this.requests())
      .filter((request) => request.includes(prefix))
      .map((request) => request.replace(prefix, "").replace(/secrets\/[\w-]{22}/, "secrets/ID"));
  }
}
