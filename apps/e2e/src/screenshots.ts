/**
 * `pnpm --filter @mayfly/e2e screenshots FOLDER [chromium|firefox] [STATE…]`: PNG files of every state of the page, or of
 * the named states. The page is used as built: build it first. Each state is shown in two widths and both colour schemes,
 * from right to left, with text twice as large, and printed. Firefox takes no colour scheme and no print from here.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BrowserName, browserNames } from "./browser.ts";
import { pageStates } from "./page-states.ts";
import type { Person } from "./person.ts";
import { openStage } from "./stage.ts";

const widths = [1280, 320] as const;

const [where, browserName = "chromium", ...wanted] = process.argv.slice(2);
if (where === undefined || !browserNames.includes(browserName as BrowserName)) {
  process.stderr.write("Name the folder that the pictures go to, and perhaps a browser.\n");
  process.exit(1);
}
const folder = resolve(where);
const schemes = browserName === "chromium" ? (["light", "dark"] as const) : (["light"] as const);
mkdirSync(folder, { recursive: true });

async function take({ page }: Person, name: string): Promise<void> {
  const shoot = async (variant: string) => {
    await laidOut(page);
    const path = join(folder, `${name}-${variant}.png`);
    // Beyond its viewport Chromium shifts a page that is written from right to left.
    await page.screenshot({ path, fullPage: true, captureBeyondViewport: false });
  };
  for (const width of widths) {
    await page.setViewport({ width, height: 800 });
    for (const scheme of schemes) {
      if (browserName === "chromium")
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await shoot(`${width}-${scheme}`);
    }
  }
  const style = (fontSize: string, direction: string) =>
    page.evaluate(
      (size, dir) => {
        document.documentElement.style.fontSize = size;
        document.documentElement.dir = dir;
      },
      fontSize,
      direction,
    );
  await style("", "rtl");
  await shoot("320-right-to-left");
  await style("212.5%", "ltr");
  await shoot("320-large");
  if (browserName !== "chromium") return;
  await style("", "ltr");
  await page.setViewport({ width: 800, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.emulateMediaType("print");
  await shoot("print");
}

/** Resolves once a frame has been drawn with the page as it is now. */
function laidOut(page: Person["page"]): Promise<void> {
  return page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 2; frame++) await new Promise((drawn) => requestAnimationFrame(drawn));
  });
}

const stage = await openStage(browserName as BrowserName, { MAYFLY_LEASE_SECONDS: "4" });
try {
  for (const [name, reach] of Object.entries(pageStates(stage))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const person = await stage.person();
    await reach(person);
    await take(person, name);
    await stage.clear();
    process.stdout.write(`${name}\n`);
  }
} finally {
  await stage.clear();
  await stage.close();
}
process.exit(0);
