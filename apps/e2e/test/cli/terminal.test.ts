import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesSecret, textOf } from "@mayfly/client";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Terminals } from "./terminals.ts";

// A passphrase takes seconds on a busy machine, and these are several programs each.
vi.setConfig({ testTimeout: 180_000 });

let terminals: Terminals;
beforeAll(async () => {
  terminals = await Terminals.start();
});
afterEach(() => terminals.renew());
afterAll(() => terminals?.stop());

const shownLink = (text: string) => /http:\S+\/s#[\w-]{72}/.exec(text)?.[0] as string;

test("a secret and its passphrase are typed, and never shown", async () => {
  const sender = terminals.open("mayfly protect --passphrase");
  await sender.sees("Ctrl-D ends it");
  sender.types("hunter2\rsecond line\r\x04");
  await sender.sees("Passphrase");
  sender.types("wordds\x7f\x7fs\r");
  await sender.sees("again");
  sender.types("words\r");
  expect(await sender.ended).toBe(0);
  expect(sender.shown).not.toMatch(/hunter|second|word[ds]/);

  const opened = await terminals.client.open(shownLink(sender.shown), { passphrase: "words" });
  expect(textOf(opened.secret)).toBe("hunter2\nsecond line\n");
});

test("two passphrases that differ protect nothing", async () => {
  const sender = terminals.open("mayfly protect --passphrase", { stdin: "secret\n" });
  await sender.sees("Passphrase");
  sender.types("one\r");
  await sender.sees("again");
  sender.types("two\r");
  expect(await sender.ended).toBe(5);
  expect(sender.shown).not.toContain("/s#");
});

test("a passphrase is not taken from a terminal that would show it", async () => {
  const sender = terminals.open("echo secret > file; mayfly protect -f file --passphrase-fd 0");
  await sender.sees("A terminal would show the passphrase");
  expect(await sender.ended).toBe(2);
});

test("Ctrl-C at a prompt ends it with 130, and leaves the terminal as it was", async () => {
  const sender = terminals.open("mayfly protect; echo code $?; stty -a | grep -c -w -e '-echo' -e '-icanon'");
  await sender.sees("Ctrl-D ends it");
  sender.types("half a sec\x03");
  await sender.sees("code 130\r\n0\r\n");
  await sender.ended;
  expect(sender.shown).not.toContain("half");
});

test("opening asks first, and a no takes no read", async () => {
  const { link } = await terminals.protect("hunter2");
  const reader = terminals.open("mayfly open");
  await reader.sees("Link");
  reader.types(`${link}\r`);
  await reader.sees(`uses up one read of the secret at ${terminals.service.origin}. Open it now? [y/N]`);
  reader.types("\r");
  expect(await reader.ended).toBe(130);
  expect(reader.shown).toContain("mayfly: No read was taken.");
  expect(reader.shown).not.toContain(link.slice(-20));
  expect(await terminals.stateOf(link)).toBe("live");

  const again = terminals.open(`mayfly open '${link}'`);
  await again.sees("[y/N]");
  again.types("y\r");
  await again.sees("hunter2\r\n");
  expect(await again.ended).toBe(0);
  expect(await terminals.stateOf(link)).toBe("opened");
});

test("--yes asks nothing, and a link that is piped leaves the question to the terminal behind", async () => {
  const { link } = await terminals.protect("first");
  const sure = terminals.open(`mayfly open --yes '${link}'`);
  expect(await sure.ended).toBe(0);
  expect(sure.shown).toContain("first");
  expect(sure.shown).not.toContain("[y/N]");

  const second = await terminals.protect("second");
  const asked = terminals.open("mayfly open", { stdin: second.link });
  await asked.sees("[y/N]");
  asked.types("yes\r");
  await asked.sees("second");
  expect(await asked.ended).toBe(0);
});

test("a link that was wrapped is asked for to its end", async () => {
  const { link } = await terminals.protect("hunter2");
  const reader = terminals.open("mayfly open --yes");
  await reader.sees("Link");
  reader.types(`${link.slice(0, 70)}\r`);
  await reader.sees("A part of this link is missing");
  await reader.sees("The rest of it");
  reader.types(`${link.slice(70)}\r`);
  await reader.sees("hunter2");
  expect(await reader.ended).toBe(0);
});

test("a wrong passphrase is asked for again, with the tries that are left", async () => {
  const { link } = await terminals.protect("behind words", "right");
  const reader = terminals.open(`mayfly open --yes '${link}'`);
  await reader.sees("Passphrase");
  reader.types("wrong\r");
  await reader.sees("Working the passphrase in  [");
  await reader.sees("9 tries are left");
  await reader.sees("Passphrase");
  reader.types("right\r");
  await reader.sees("behind words");
  expect(await reader.ended).toBe(0);
  expect(reader.shown).not.toContain("right\r");
});

test("a secret does not command the terminal, and is exact in a pipe", async () => {
  const text = "\x1b]0;owned\x07\x1b[2Jred\u202etxt";
  const { link } = await terminals.protect(text);
  const reader = terminals.open(`mayfly open --yes '${link}'`);
  await reader.sees("\\x1b]0;owned\\x07\\x1b[2Jred\\u{202e}txt\r\n");
  await reader.sees("4 characters that would command the terminal are shown as codes");
  expect(await reader.ended).toBe(0);
  expect(reader.shown).not.toContain("\x1b]");

  const second = await terminals.protect(text);
  const piped = terminals.open(`mayfly open --yes '${second.link}'`, { stdout: true });
  expect(await piped.ended).toBe(0);
  expect(piped.apart).toBe(text);
});

test("a file that is sent to the terminal on purpose does not command it either", async () => {
  const { link } = await terminals.client.protect(
    filesSecret([
      {
        name: "x",
        size: 6,
        stream: () => new Blob([Uint8Array.of(0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x9b)]).stream(),
      },
    ]),
    { lifetime: 3600, reads: 1 },
  );
  const reader = terminals.open(`mayfly open --yes -o - '${link}'`);
  await reader.sees("\\x1b[2J");
  expect(await reader.ended).toBe(0);
  expect(reader.shown).not.toContain("\x1b[2J");
});

test("a file is replaced after a yes, and after a no it stays and nothing is opened", async () => {
  const { link } = await terminals.protect("new");
  const path = join(terminals.line.folder, "there");
  writeFileSync(path, "old");
  const no = terminals.open(`mayfly open --yes -o there '${link}'`);
  await no.sees("Replace it? [y/N]");
  no.types("n\r");
  expect(await no.ended).toBe(130);
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(await terminals.stateOf(link)).toBe("live");

  const yes = terminals.open(`mayfly open --yes -o there '${link}'`);
  await yes.sees("Replace it? [y/N]");
  yes.types("y\r");
  expect(await yes.ended).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("new");
});

test("what could not be written is asked another place for, and is still the same read", async () => {
  const { link } = await terminals.protect("kept", "words");
  const reader = terminals.open(`mayfly open --yes '${link}' > /dev/full`);
  await reader.sees("Passphrase");
  reader.types("words\r");
  await reader.sees("could not be written (ENOSPC)");
  await reader.sees("Another file or folder");
  expect(await terminals.stateOf(link)).toBe("claimed");
  reader.types("nowhere/rescued\r");
  await reader.sees("could not be written (ENOENT)");
  await reader.sees("Another file or folder");
  reader.types("rescued\r");
  expect(await reader.ended).toBe(0);
  expect(readFileSync(join(terminals.line.folder, "rescued"), "utf8")).toBe("kept");
  expect(await terminals.stateOf(link)).toBe("opened");
});

test("a link that could not be written is burned, and leaves nothing", async () => {
  const before = await terminals.service.keeping.parts();
  const { code } = await terminals.line.shell("mayfly protect > /dev/full", "secret");
  expect(code).toBe(7);
  expect(await terminals.service.keeping.parts()).toBe(before);
});

test("burning asks first", async () => {
  const { manageLink } = await terminals.protect("hunter2");
  const no = terminals.open(`mayfly burn '${manageLink}'`);
  await no.sees("Nobody will be able to open it. [y/N]");
  no.types("\r");
  expect(await no.ended).toBe(130);
  expect(await terminals.stateOf(manageLink)).toBe("live");
  const yes = terminals.open(`mayfly burn '${manageLink}'`);
  await yes.sees("[y/N]");
  yes.types("y\r");
  expect(await yes.ended).toBe(0);
  expect(await terminals.stateOf(manageLink)).toBe("burned");
});

test("files show how far they are, on a terminal and nowhere else", async () => {
  writeFileSync(join(terminals.line.folder, "big"), Buffer.alloc(500_000));
  const sender = terminals.open("mayfly protect -f big");
  expect(await sender.ended).toBe(0);
  expect(sender.shown).toMatch(/Storing {2}\[#+-+\] +\d+ %/);
  expect(sender.shown).toContain("\r\x1b[2Khttp");

  const link = shownLink(sender.shown);
  const reader = terminals.open(`mayfly open --yes '${link}'`);
  expect(await reader.ended).toBe(0);
  expect(reader.shown).toMatch(/Receiving {2}\[#+-+\] +\d+ %/);
  expect(readFileSync(join(terminals.line.folder, "big (2)")).length).toBe(500_000);

  const { stdout, stderr } = await terminals.line.shell("mayfly protect -f big");
  expect(stdout.toString() + stderr).not.toContain("Storing");
  expect(stdout.toString() + stderr).not.toContain("\x1b");
});

test("a text that is no text is never shown as one: its bytes go to a file that a person names", async () => {
  const bytes = Uint8Array.of(0x68, 0x69, 0xff, 0xfe);
  const broken = () =>
    terminals.client.protect({ meta: { kind: "text" }, content: bytes }, { lifetime: 3600, reads: 1 });
  const { link } = await broken();
  const reader = terminals.open(`mayfly open --yes '${link}'; echo code $?`);
  await reader.sees(
    "not of a form that is known here. A file can take its bytes. The service keeps the secret",
  );
  expect(await terminals.stateOf(link)).toBe("claimed");
  reader.types("bytes.bin\r");
  await reader.sees(
    "mayfly: The secret is what was sealed, but not of a form that is known here. Its bytes were",
  );
  await reader.sees("code 9");
  expect(readFileSync(join(terminals.line.folder, "bytes.bin"))).toEqual(Buffer.from(bytes));
  expect(await terminals.stateOf(link)).toBe("opened");

  const second = await broken();
  const { stdout, code } = await terminals.line.shell("mayfly open", second.link);
  expect([stdout, code]).toEqual([Buffer.from(bytes), 9]);
});
