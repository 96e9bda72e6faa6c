import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildCommandLine, type CommandLine, createCommandLine } from "../../src/command-line.ts";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";

const { compose, ready, open, opened } = en;
const text = "zwei Zeilen\n  <b>häßlich</b> 𝄞";

vi.setConfig({ testTimeout: 180_000 });

let stage: Stage;
let bundle: Awaited<ReturnType<typeof buildCommandLine>>;
let line: CommandLine;

beforeAll(async () => {
  bundle = await buildCommandLine();
  stage = await openStage("chromium");
});
beforeEach(() => {
  line = createCommandLine(process.execPath, bundle.file, { MAYFLY_SERVER: stage.origin });
});
afterEach(async () => {
  line.remove();
  await stage.clear();
});
afterAll(async () => {
  await stage?.close();
  bundle?.remove();
});

/** What the command line printed, which went well. */
async function run(command: string, stdin?: string): Promise<string> {
  const { stdout, stderr, code } = await line.shell(command, stdin);
  expect(code, stderr).toBe(0);
  return stdout.toString();
}

/** A link that somebody makes on the page. */
async function fromThePage(words: string | undefined): Promise<string> {
  const sender = await stage.writing(text);
  if (words !== undefined) await sender.types(compose.passphrase, words);
  await sender.presses(compose.protect);
  await sender.arrives(ready.title);
  return sender.value(ready.link);
}

test.each([undefined, "blanks  count"])(
  "what the page protects (passphrase: %s) the command line opens",
  async (words) => {
    const link = await fromThePage(words);
    const said = words === undefined ? "" : `--passphrase-fd 3 3<<< '${words}'`;
    expect(await run(`mayfly open ${said}`, link)).toBe(text);
    expect((await line.shell("mayfly open", link)).code).toBe(words === undefined ? 4 : 5);
    expect(await stage.client.status(link)).toMatchObject({ state: "opened" });
  },
);

test.each([undefined, "blanks  count"])(
  "what the command line protects (passphrase: %s) the page reveals",
  async (words) => {
    const said = words === undefined ? "" : `--passphrase-fd 3 3<<< '${words}'`;
    const link = (await run(`mayfly protect ${said}`, text)).trim();
    const reader = await stage.person();
    await reader.goes(link);
    await reader.arrives(open.title);
    if (words !== undefined) await reader.types(open.passphrase, words);
    await reader.presses(open.reveal);
    await reader.reads(opened.confirmed);
    expect(await reader.page.$eval("#secret", (shown) => shown.textContent)).toBe(text);
    expect((await line.shell("mayfly status --json", link)).stdout.toString()).toContain('"opened"');
  },
);

test("files of the command line are saved from the page, byte for byte", async () => {
  const big = Buffer.alloc(3_000_000, "0123456789abcdef");
  writeFileSync(join(line.folder, "big.bin"), big);
  writeFileSync(join(line.folder, "häßlich.txt"), text);
  const told = JSON.parse(await run("mayfly protect --json --generate -f big.bin -f häßlich.txt")) as {
    link: string;
    passphrase: string;
  };
  const reader = await stage.person();
  await reader.goes(told.link);
  await reader.types(open.passphrase, told.passphrase);
  await reader.presses(open.reveal);
  await reader.reads(opened.confirmed);

  const downloads = join(line.folder, "downloads");
  mkdirSync(downloads);
  const session = await reader.page.createCDPSession();
  await session.send("Browser.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: downloads,
    browserContextId: reader.visitor.context.id as string,
  });
  for (const [name, bytes] of [
    ["big.bin", big],
    ["häßlich.txt", Buffer.from(text)],
  ] as const) {
    const saving = await reader.page.waitForSelector(`a[download="${name}"]`);
    expect(await saving?.evaluate((each) => each.textContent)).toBe(
      `${opened.save} ${name} ${opened.sized(bytes.length)}`,
    );
    await saving?.click();
    const digest = (content: Buffer) => createHash("sha256").update(content).digest("hex");
    await until(
      `${name} to be saved whole`,
      () => digest(readFileSync(join(downloads, name))) === digest(bytes),
    );
  }
});

test("the page was never stopped by its content policy, and met no error", () => {
  expect(stage.faults).toEqual([]);
});
