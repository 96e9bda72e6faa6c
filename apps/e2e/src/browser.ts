/** Real browsers, each with a new profile of its own. A missing one is a failure. */
import puppeteer, { type Browser, type BrowserContext, type Page } from "puppeteer-core";
import { type Folder, temporaryFolder } from "./ground.ts";

export const browserNames = ["chromium", "firefox"] as const;
export type BrowserName = (typeof browserNames)[number];

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What must never be there: violations of the content policy, uncaught errors, failed loads of assets. */
  readonly faults: readonly string[];
  /** Every request of the page, in order, as `METHOD URL`. */
  readonly requests: readonly string[];
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

const TIMEOUT_MS = 20_000;

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

async function newVisitor(browser: Browser): Promise<Visitor> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const faults: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (message.text().startsWith(VIOLATION)) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error instanceof Error ? error.message : error}`));
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
    leave: () => context.close(),
  };
}
