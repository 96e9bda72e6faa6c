import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, filesSecret, textOf, textSecret } from "@mayfly/client";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildCommandLine, type CommandLine, createCommandLine } from "../../src/command-line.ts";
import { startKeeping } from "../../src/keeping.ts";
import { openTerminal, type PseudoTerminal } from "../../src/pseudo-terminal.ts";
import { type Service, startService } from "../../src/service.ts";

// A passphrase takes seconds on a busy machine, and these are several programs each.
vi.setConfig({ testTimeout: 180_000 });

let service: Service;
let proxy: TcpProxy;
let bundle: Awaited<ReturnType<typeof buildCommandLine>>;
let line: CommandLine;
let open: PseudoTerminal[];

beforeAll(async () => {
  bundle = await buildCommandLine();
  service = await startService(await startKeeping("sqlite"), {
    env: { MAYFLY_PART_BYTES: "65536", MAYFLY_LEASE_SECONDS: "600" },
  });
  proxy = await TcpProxy.start(service.origin);
});
afterAll(async () => {
  await proxy?.close();
  await service?.stop();
  bundle?.remove();
});
beforeEach(() => {
  line = createCommandLine(process.execPath, bundle.file, { MAYFLY_SERVER: service.origin });
  open = [];
});
afterEach(() => {
  for (const terminal of open) terminal.kill();
  line.remove();
  proxy.mend();
  proxy.release();
});

function terminal(command: string, piped?: Parameters<typeof openTerminal>[2]): PseudoTerminal {
  const opened = openTerminal(line, command, piped);
  open.push(opened);
  return opened;
}
const client = () => createClient({ server: service.origin });
const made = (text: string, passphrase?: string) =>
  client().protect(textSecret(text), {
    lifetime: 3600,
    reads: 1,
    ...(passphrase !== undefined && { passphrase }),
  });
const stateOf = async (link: string) => (await client().status(link)).state;
const shownLink = (text: string) => /http:\S+\/s#[\w-]{72}/.exec(text)?.[0] as string;
const zeros = (size: number) => ({
  name: "zeros",
  size,
  async *stream() {
    yield new Uint8Array(size);
  },
});

test("a secret and its passphrase are typed, and never shown", async () => {
  const sender = terminal("mayfly protect --passphrase");
  await sender.sees("Ctrl-D ends it");
  sender.types("hunter2\rsecond line\r\x04");
  await sender.sees("Passphrase");
  sender.types("wordds\x7f\x7fs\r");
  await sender.sees("again");
  sender.types("words\r");
  expect(await sender.ended).toBe(0);
  expect(sender.shown).not.toMatch(/hunter|second|word[ds]/);

  const opened = await client().open(shownLink(sender.shown), { passphrase: "words" });
  expect(textOf(opened.secret)).toBe("hunter2\nsecond line\n");
});

test("two passphrases that differ protect nothing", async () => {
  const sender = terminal("mayfly protect --passphrase", { stdin: "secret\n" });
  await sender.sees("Passphrase");
  sender.types("one\r");
  await sender.sees("again");
  sender.types("two\r");
  expect(await sender.ended).toBe(5);
  expect(sender.shown).not.toContain("/s#");
});

test("a passphrase is not taken from a terminal that would show it", async () => {
  const sender = terminal("echo secret > file; mayfly protect -f file --passphrase-fd 0");
  await sender.sees("A terminal would show the passphrase");
  expect(await sender.ended).toBe(2);
});

test("Ctrl-C at a prompt ends it with 130, and leaves the terminal as it was", async () => {
  const sender = terminal("mayfly protect; echo code $?; stty -a | grep -c -w -e '-echo' -e '-icanon'");
  await sender.sees("Ctrl-D ends it");
  sender.types("half a sec\x03");
  await sender.sees("code 130\r\n0\r\n");
  await sender.ended;
  expect(sender.shown).not.toContain("half");
});

test("opening asks first, and a no takes no read", async () => {
  const { link } = await made("hunter2");
  const reader = terminal("mayfly open");
  await reader.sees("Link");
  reader.types(`${link}\r`);
  await reader.sees(`uses up one read of the secret at ${service.origin}. Open it now? [y/N]`);
  reader.types("\r");
  expect(await reader.ended).toBe(130);
  expect(reader.shown).toContain("mayfly: No read was taken.");
  expect(reader.shown).not.toContain(link.slice(-20));
  expect(await stateOf(link)).toBe("live");

  const again = terminal(`mayfly open '${link}'`);
  await again.sees("[y/N]");
  again.types("y\r");
  await again.sees("hunter2\r\n");
  expect(await again.ended).toBe(0);
  expect(await stateOf(link)).toBe("opened");
});

test("--yes asks nothing, and a link that is piped leaves the question to the terminal behind", async () => {
  const { link } = await made("first");
  const sure = terminal(`mayfly open --yes '${link}'`);
  expect(await sure.ended).toBe(0);
  expect(sure.shown).toContain("first");
  expect(sure.shown).not.toContain("[y/N]");

  const second = await made("second");
  const asked = terminal("mayfly open", { stdin: second.link });
  await asked.sees("[y/N]");
  asked.types("yes\r");
  await asked.sees("second");
  expect(await asked.ended).toBe(0);
});

test("a link that was wrapped is asked for to its end", async () => {
  const { link } = await made("hunter2");
  const reader = terminal("mayfly open --yes");
  await reader.sees("Link");
  reader.types(`${link.slice(0, 70)}\r`);
  await reader.sees("A part of this link is missing");
  await reader.sees("The rest of it");
  reader.types(`${link.slice(70)}\r`);
  await reader.sees("hunter2");
  expect(await reader.ended).toBe(0);
});

test("a wrong passphrase is asked for again, with the tries that are left", async () => {
  const { link } = await made("behind words", "right");
  const reader = terminal(`mayfly open --yes '${link}'`);
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
  const { link } = await made(text);
  const reader = terminal(`mayfly open --yes '${link}'`);
  await reader.sees("\\x1b]0;owned\\x07\\x1b[2Jred\\u{202e}txt\r\n");
  await reader.sees("4 characters that would command the terminal are shown as codes");
  expect(await reader.ended).toBe(0);
  expect(reader.shown).not.toContain("\x1b]");

  const second = await made(text);
  const piped = terminal(`mayfly open --yes '${second.link}'`, { stdout: true });
  expect(await piped.ended).toBe(0);
  expect(piped.apart).toBe(text);
});

test("a file that is sent to the terminal on purpose does not command it either", async () => {
  const { link } = await client().protect(
    filesSecret([
      {
        name: "x",
        size: 6,
        stream: () => new Blob([Uint8Array.of(0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x9b)]).stream(),
      },
    ]),
    { lifetime: 3600, reads: 1 },
  );
  const reader = terminal(`mayfly open --yes -o - '${link}'`);
  await reader.sees("\\x1b[2J");
  expect(await reader.ended).toBe(0);
  expect(reader.shown).not.toContain("\x1b[2J");
});

test("a file is replaced after a yes, and after a no it stays and nothing is opened", async () => {
  const { link } = await made("new");
  const path = join(line.folder, "there");
  writeFileSync(path, "old");
  const no = terminal(`mayfly open --yes -o there '${link}'`);
  await no.sees("Replace it? [y/N]");
  no.types("n\r");
  expect(await no.ended).toBe(130);
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(await stateOf(link)).toBe("live");

  const yes = terminal(`mayfly open --yes -o there '${link}'`);
  await yes.sees("Replace it? [y/N]");
  yes.types("y\r");
  expect(await yes.ended).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("new");
});

test("what could not be written is asked another place for, and is still the same read", async () => {
  const { link } = await made("kept", "words");
  const reader = terminal(`mayfly open --yes '${link}' > /dev/full`);
  await reader.sees("Passphrase");
  reader.types("words\r");
  await reader.sees("could not be written (ENOSPC)");
  await reader.sees("Another file or folder");
  expect(await stateOf(link)).toBe("claimed");
  reader.types("nowhere/rescued\r");
  await reader.sees("could not be written (ENOENT)");
  await reader.sees("Another file or folder");
  reader.types("rescued\r");
  expect(await reader.ended).toBe(0);
  expect(readFileSync(join(line.folder, "rescued"), "utf8")).toBe("kept");
  expect(await stateOf(link)).toBe("opened");
});

test("a link that could not be written is burned, and leaves nothing", async () => {
  const before = await service.keeping.parts();
  const { code } = await line.shell("mayfly protect > /dev/full", "secret");
  expect(code).toBe(7);
  expect(await service.keeping.parts()).toBe(before);
});

test("a secret whose end nobody confirmed is handed out, and that is said", async () => {
  const { link } = await made("kept");
  proxy.holdFrom("/acknowledge");
  const reading = line.shell(`mayfly open --server ${proxy.origin}`, link);
  await until("the acknowledgement to be held", () => proxy.held);
  proxy.cut();
  const { stdout, stderr, code } = await reading;
  expect([stdout.toString(), code]).toEqual(["kept", 0]);
  expect(stderr).toMatch(
    /^The service did not confirm that it destroyed the secret\. It does so by .* at the latest\.$/m,
  );
});

test("burning asks first", async () => {
  const { manageLink } = await made("hunter2");
  const no = terminal(`mayfly burn '${manageLink}'`);
  await no.sees("Nobody will be able to open it. [y/N]");
  no.types("\r");
  expect(await no.ended).toBe(130);
  expect(await stateOf(manageLink)).toBe("live");
  const yes = terminal(`mayfly burn '${manageLink}'`);
  await yes.sees("[y/N]");
  yes.types("y\r");
  expect(await yes.ended).toBe(0);
  expect(await stateOf(manageLink)).toBe("burned");
});

test("files show how far they are, on a terminal and nowhere else", async () => {
  writeFileSync(join(line.folder, "big"), Buffer.alloc(500_000));
  const sender = terminal("mayfly protect -f big");
  expect(await sender.ended).toBe(0);
  expect(sender.shown).toMatch(/Storing {2}\[#+-+\] +\d+ %/);
  expect(sender.shown).toContain("\r\x1b[2Khttp");

  const link = shownLink(sender.shown);
  const reader = terminal(`mayfly open --yes '${link}'`);
  expect(await reader.ended).toBe(0);
  expect(reader.shown).toMatch(/Receiving {2}\[#+-+\] +\d+ %/);
  expect(readFileSync(join(line.folder, "big (2)")).length).toBe(500_000);

  const { stdout, stderr } = await line.shell("mayfly protect -f big");
  expect(stdout.toString() + stderr).not.toContain("Storing");
  expect(stdout.toString() + stderr).not.toContain("\x1b");
});

test("Ctrl-C while storing burns what was stored", async () => {
  writeFileSync(join(line.folder, "big"), Buffer.alloc(500_000));
  const before = await service.keeping.parts();
  proxy.holdFrom("/parts/3");
  const sender = terminal(`mayfly protect -f big --server ${proxy.origin}; echo code $?`);
  await until("the fourth part to be held", () => proxy.held);
  expect(await service.keeping.parts()).toBe(before + 3);
  sender.types("\x03");
  await sender.sees("mayfly: What was stored is destroyed.");
  await sender.sees("code 130");
  await until("the parts to be gone", async () => (await service.keeping.parts()) === before);
  expect(sender.shown).not.toContain("/s#");
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s puts things in order too, and ends it with %i", async (signal, code) => {
  writeFileSync(join(line.folder, "big"), Buffer.alloc(500_000));
  const before = await service.keeping.parts();
  proxy.holdFrom("/parts/3");
  const sending = line.shell(
    `mayfly protect -f big --server ${proxy.origin} & echo $! > pid; wait $!; echo code $?`,
  );
  await until("the fourth part to be held", () => proxy.held);
  process.kill(Number(readFileSync(join(line.folder, "pid"), "utf8")), signal);
  expect((await sending).stdout.toString()).toBe(`code ${code}\n`);
  expect(await service.keeping.parts()).toBe(before);
});

test("Ctrl-C while receiving leaves nothing behind", async () => {
  const { link } = await client().protect(filesSecret([zeros(500_000)]), { lifetime: 3600, reads: 1 });
  proxy.holdFrom("/parts/4");
  const reader = terminal(`mayfly open --yes --server ${proxy.origin} -o got/ '${link}'; echo code $?`);
  await until("a part to be held", () => proxy.held);
  expect(readdirSync(join(line.folder, "got")).join()).toMatch(/^\.mayfly-[0-9a-f]+\.part$/);
  reader.types("\x03");
  await reader.sees("mayfly: A read was taken, and the same command cannot repeat it: this one had it until");
  await reader.sees("code 130");
  expect(readdirSync(join(line.folder, "got"))).toEqual([]);
  expect(existsSync(join(line.folder, "zeros"))).toBe(false);
});

test("Ctrl-C while an open goes unanswered says that nobody knows whether a read was taken", async () => {
  const { link } = await made("kept");
  proxy.holdFrom("/open HTTP");
  const reader = terminal(`mayfly open --yes --server ${proxy.origin} '${link}'; echo code $?`);
  await until("the open to be held", () => proxy.held);
  reader.types("\x03");
  await reader.sees("mayfly: Nobody knows whether a read was taken, since no answer came.");
  await reader.sees("code 130");
});

test("Ctrl-C while the service is away says that what was stored may be there", async () => {
  writeFileSync(join(line.folder, "big"), Buffer.alloc(500_000));
  proxy.holdFrom("/parts/3");
  const sender = terminal(`mayfly protect -f big --server ${proxy.origin}; echo code $?`);
  await until("the fourth part to be held", () => proxy.held);
  proxy.cut();
  await sender.sees("The service could not be reached, or its answer was lost. Trying again until ");
  sender.types("\x03");
  await sender.sees("did not confirm that it destroyed what was stored. Nobody was given its link.");
  await sender.sees("code 130");
});

test("a text that is no text is never shown as one: its bytes go to a file that a person names", async () => {
  const bytes = Uint8Array.of(0x68, 0x69, 0xff, 0xfe);
  const broken = () =>
    client().protect({ meta: { kind: "text" }, content: bytes }, { lifetime: 3600, reads: 1 });
  const { link } = await broken();
  const reader = terminal(`mayfly open --yes '${link}'; echo code $?`);
  await reader.sees(
    "not of a form that is known here. A file can take its bytes. The service keeps the secret",
  );
  expect(await stateOf(link)).toBe("claimed");
  reader.types("bytes.bin\r");
  await reader.sees(
    "mayfly: The secret is what was sealed, but not of a form that is known here. Its bytes were",
  );
  await reader.sees("code 9");
  expect(readFileSync(join(line.folder, "bytes.bin"))).toEqual(Buffer.from(bytes));
  expect(await stateOf(link)).toBe("opened");

  const second = await broken();
  const { stdout, code } = await line.shell("mayfly open", second.link);
  expect([stdout, code]).toEqual([Buffer.from(bytes), 9]);
});
