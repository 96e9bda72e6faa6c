/** Real browsers, each with a new profile of its own. A missing one is a failure. */

import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { until } from "@mayfly/lab/until";
import puppeteer, { type Browser, type BrowserContext, type Page } from "puppeteer-core";

export const browserNames = ["chromium", "firefox"] as const;
export type BrowserName = (typeof browserNames)[number];

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What must never be there: violations of the content policy, uncaught errors, failed loads of assets. */
  readonly faults: readonly string[];
  /** The requests that the browser has reported so far, in order, as `METHOD URL`. It reports them late: `Person.requests` waits. */
  readonly requests: readonly string[];
  /** Resolves once `faults` holds every violation and error of the page until now. */
  settle(): Promise<void>;
  leave(): Promise<void>;
}

export interface RunningBrowser {
  readonly name: BrowserName;
  readonly browser: Browser;
  /** Another person: a context of its own, that shares nothing with the others. */
  visitor(): Promise<Visitor>;
  close(): Promise<void>;
}

/** A name of this machine that browsers do not take for its own: a plain http address there is no secure context. */
export const OTHER_NAME = "mayfly.test";

const TIMEOUT_MS = 45_000;

const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  `--host-resolver-rules=MAP ${OTHER_NAME} 127.0.0.1`,
];

// Nothing of Firefox's own may leave the machine while it is tested.
const firefoxPreferences = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.update.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.getAddons.cache.enabled": false,
  "network.dns.localDomains": OTHER_NAME,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
};

/** Starts a browser without a window. */
export async function startBrowser(name: BrowserName): Promise<RunningBrowser> {
  const profile = temporaryFolder(name);
  const browser = await launch(name, profile);
  return {
    name,
    browser,
    visitor: () => newVisitor(browser),
    close: async () => {
      await browser.close();
      profile.remove();
    },
  };
}

function launch(name: BrowserName, profile: Folder): Promise<Browser> {
  const common = {
    headless: true,
    timeout: 60_000,
    protocolTimeout: 60_000,
    userDataDir: profile.path,
    defaultViewport: { width: 1280, height: 800 },
  } as const;
  if (name === "chromium") {
    return puppeteer.launch({
      ...common,
      browser: "chrome",
      executablePath: "/usr/bin/chromium",
      args: chromiumArguments,
    });
  }
  return puppeteer.launch({
    ...common,
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    extraPrefsFirefox: firefoxPreferences,
  });
}

const VIOLATION = "content policy violated:";
/** An image that no page of ours may load, and that therefore nobody asks for. */
const MARK = "https://mark.invalid/";

async function newVisitor(browser: Browser): Promise<Visitor> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const faults: string[] = [];
  const requests: string[] = [];
  let [marks, seenMarks] = [0, 0];
  page.on("console", (message) => {
    if (!message.text().startsWith(VIOLATION)) return;
    if (message.text().includes(MARK)) seenMarks += 1;
    else faults.push(message.text());
  });
  page.on("pageerror", (error) => {
    const text = error instanceof Error ? error.message : String(error);
    // Firefox reports each violation as an error, too.
    if (!text.includes(MARK)) faults.push(`uncaught: ${text}`);
  });
  page.on("request", (request) => {
    // Firefox loads a font of its own from a data: address.
    if (!request.url().startsWith("data:")) requests.push(`${request.method()} ${request.url()}`);
  });
  await page.evaluateOnNewDocument((words) => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`${words} ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  }, VIOLATION);
  return {
    page,
    context,
    faults,
    requests,
    // Reports come late, but in order: the page violates the policy once more, and waits for the report of that.
    settle: async () => {
      if (!page.url().startsWith("http")) return;
      marks += 1;
      await page.evaluate((url) => {
        new Image().src = url;
      }, MARK);
      await until("the browser to report a violation of the content policy", () => seenMarks === marks);
    },
    leave: () => context.close(),
  };
}
