import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesSecret } from "@mayfly/client";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { until } from "@mayfly/lab/until";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Terminals } from "./terminals.ts";

// A passphrase takes seconds on a busy machine, and these are several programs each.
vi.setConfig({ testTimeout: 180_000 });

let terminals: Terminals;
let proxy: TcpProxy;
beforeAll(async () => {
  terminals = await Terminals.start();
  proxy = await TcpProxy.start(terminals.service.origin);
});
afterEach(() => {
  terminals.renew();
  proxy.mend();
  proxy.release();
});
afterAll(async () => {
  await proxy?.close();
  await terminals?.stop();
});

const zeros = (size: number) => ({
  name: "zeros",
  size,
  async *stream() {
    yield new Uint8Array(size);
  },
});

test("a secret whose end nobody confirmed is handed out, and that is said", async () => {
  const { link } = await terminals.protect("kept");
  proxy.holdFrom("/acknowledge");
  const reading = terminals.line.shell(`mayfly open --server ${proxy.origin}`, link);
  await until("the acknowledgement to be held", () => proxy.held);
  proxy.cut();
  const { stdout, stderr, code } = await reading;
  expect([stdout.toString(), code]).toEqual(["kept", 0]);
  expect(stderr).toMatch(
    /^The service did not confirm that it destroyed the secret\. It does so by .* at the latest\.$/m,
  );
});

test("Ctrl-C while storing burns what was stored", async () => {
  writeFileSync(join(terminals.line.folder, "big"), Buffer.alloc(500_000));
  const before = await terminals.service.keeping.parts();
  proxy.holdFrom("/parts/3");
  const sender = terminals.open(`mayfly protect -f big --server ${proxy.origin}; echo code $?`);
  await until("the fourth part to be held", () => proxy.held);
  expect(await terminals.service.keeping.parts()).toBe(before + 3);
  sender.types("\x03");
  await sender.sees("mayfly: What was stored is destroyed.");
  await sender.sees("code 130");
  await until("the parts to be gone", async () => (await terminals.service.keeping.parts()) === before);
  expect(sender.shown).not.toContain("/s#");
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s puts things in order too, and ends it with %i", async (signal, code) => {
  writeFileSync(join(terminals.line.folder, "big"), Buffer.alloc(500_000));
  const before = await terminals.service.keeping.parts();
  proxy.holdFrom("/parts/3");
  const sending = terminals.line.shell(
    `mayfly protect -f big --server ${proxy.origin} & echo $! > pid; wait $!; echo code $?`,
  );
  await until("the fourth part to be held", () => proxy.held);
  process.kill(Number(readFileSync(join(terminals.line.folder, "pid"), "utf8")), signal);
  expect((await sending).stdout.toString()).toBe(`code ${code}\n`);
  expect(await terminals.service.keeping.parts()).toBe(before);
});

test("Ctrl-C while receiving leaves nothing behind", async () => {
  const { link } = await terminals.client.protect(filesSecret([zeros(500_000)]), {
    lifetime: 3600,
    reads: 1,
  });
  proxy.holdFrom("/parts/4");
  const reader = terminals.open(`mayfly open --yes --server ${proxy.origin} -o got/ '${link}'; echo code $?`);
  await until("a part to be held", () => proxy.held);
  expect(readdirSync(join(terminals.line.folder, "got")).join()).toMatch(/^\.mayfly-[0-9a-f]+\.part$/);
  reader.types("\x03");
  await reader.sees("mayfly: A read was taken, and the same command cannot repeat it: this one had it until");
  await reader.sees("code 130");
  expect(readdirSync(join(terminals.line.folder, "got"))).toEqual([]);
  expect(existsSync(join(terminals.line.folder, "zeros"))).toBe(false);
});

test("Ctrl-C while an open goes unanswered says that nobody knows whether a read was taken", async () => {
  const { link } = await terminals.protect("kept");
  proxy.holdFrom("/open HTTP");
  const reader = terminals.open(`mayfly open --yes --server ${proxy.origin} '${link}'; echo code $?`);
  await until("the open to be held", () => proxy.held);
  reader.types("\x03");
  await reader.sees("mayfly: Nobody knows whether a read was taken, since no answer came.");
  await reader.sees("code 130");
});

test("Ctrl-C while the service is away says that what was stored may be there", async () => {
  writeFileSync(join(terminals.line.folder, "big"), Buffer.alloc(500_000));
  proxy.holdFrom("/parts/3");
  const sender = terminals.open(`mayfly protect -f big --server ${proxy.origin}; echo code $?`);
  await until("the fourth part to be held", () => proxy.held);
  proxy.cut();
  await sender.sees("The service could not be reached, or its answer was lost. Trying again until ");
  sender.types("\x03");
  await sender.sees("did not confirm that it destroyed what was stored. Nobody was given its link.");
  await sender.sees("code 130");
});
