import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { textOf } from "@mayfly/client";
import { Running } from "@mayfly/lab/running";
import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../../src/stage.ts";
import { en } from "../../src/words.ts";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
const README = readFileSync(join(REPOSITORY, "packages/wire/README.md"), "utf8");
const section = README.slice(README.indexOf("## By hand"));
const blocks = [...section.matchAll(/```bash\n(.*?)```/gs)].map(([, block = ""]) => block);
const [begin, protect, status, open, acknowledge, burn] = blocks as [
  string,
  string,
  string,
  string,
  string,
  string,
];

let stage: Stage;
let folder: Folder;
beforeAll(async () => {
  stage = await openStage("chromium");
  // Debian's own Python, which has python3-nacl; PYTHON names another.
  folder = temporaryFolder("walk-through");
  mkdirSync(join(folder.path, "bin"));
  symlinkSync(process.env.PYTHON ?? "/usr/bin/python3", join(folder.path, "bin/python3"));
});
afterEach(() => stage?.clear());
afterAll(async () => {
  await stage?.close();
  folder?.remove();
});

/** What the blocks print, run one after another in one shell that stops at the first failure. */
async function bash(parts: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const running = new Running("bash", ["-euo", "pipefail", "-c", parts.join("\n")], {
    cwd: REPOSITORY,
    env: {
      SERVER: stage.service.origin,
      PATH: `${join(folder.path, "bin")}:${process.env.PATH}`,
      TMPDIR: folder.path,
      PYTHONDONTWRITEBYTECODE: "1",
      ...env,
    },
  });
  expect([await running.ended, running.stderr.replaceAll(/^\{"kind".*\n|^curl: \(22\).*\n/gm, "")]).toEqual([
    0,
    "",
  ]);
  return running.stdout;
}

/** The JSON objects in a text, each beginning with its first field. */
function answersIn(text: string): Record<string, unknown>[] {
  return (text.match(/\{[^{}]*\}/g) ?? []).map((answer) => JSON.parse(answer) as Record<string, unknown>);
}

test("leads from reserve to burn, word for word as it stands", async () => {
  expect(blocks).toHaveLength(6);
  const printed = await bash([begin, protect, status, open, acknowledge, protect, burn]);
  expect(printed).toContain("correct horse battery staple");
  const answers = answersIn(printed);
  expect(answers).toMatchObject([
    { state: "live", expiresAt: expect.any(String) },
    { state: "live", readsLeft: 1, passphrase: false },
    { state: "opened", readsLeft: 0, openedAt: expect.any(String), endedAt: expect.any(String) },
    { state: "live", expiresAt: expect.any(String) },
    { state: "burned", endedAt: expect.any(String) },
  ]);
  expect(await stage.service.keeping.parts()).toBe(0);
  // The comments between the commands say the same, for the one deposit that they show.
  const told = [...section.matchAll(/^# \{"state":"(\w+)"/gm)].map(([, state]) => state);
  expect(answers.toSpliced(3, 1).map(({ state }) => state)).toEqual(told);
});

test("burns nothing that was read", async () => {
  await expect(bash([begin, protect, status, open, acknowledge, burn])).rejects.toThrow("22");
});

test("makes links that the client library opens, asks about and burns", async () => {
  const linksOf = (printed: string) => printed.match(/^http\S+$/gm) as [string, string];
  const [link, manageLink] = linksOf(await bash([begin, protect]));
  expect(await stage.client.status(manageLink)).toMatchObject({ state: "live", readsLeft: 1 });
  const opened = await stage.client.open(link);
  expect(textOf(opened.secret)).toBe("correct horse battery staple");
  expect(await opened.acknowledged).toBe(true);
  expect(await stage.client.status(manageLink)).toMatchObject({ state: "opened" });

  const [unread, ofUnread] = linksOf(await bash([begin, protect]));
  await stage.client.burn(ofUnread);
  await expect(stage.client.open(unread)).rejects.toMatchObject({ code: "gone", state: "burned" });
});

test("opens a link that the page made", async () => {
  const sender = await stage.person();
  await sender.goes("/");
  await sender.types(en.compose.message, "grüße from the page");
  await sender.presses(en.compose.protect);
  await sender.arrives(en.ready.title);
  const link = await sender.value(en.ready.link);
  const printed = await bash([begin, status, open, acknowledge], { LINK: link });
  expect(printed).toContain("grüße from the page");
  expect(answersIn(printed)).toMatchObject([{ state: "live" }, { state: "opened" }]);
});

test("opens nothing twice", async () => {
  const printed = bash([begin, protect, status, open, acknowledge, open]);
  await expect(printed).rejects.toThrow("22");
});
