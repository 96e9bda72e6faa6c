import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Stopped } from "../src/fault.ts";
import type { Io } from "../src/io.ts";
import { run } from "../src/run.ts";

const time = "2030-01-02T03:04:05.000Z";
const hostile = "1.0\nState   accepts secrets\x1b[2J\x9b1m\u202e";
const service = {
  state: "halted",
  since: time,
  version: hostile,
  limits: {
    lifetimeSeconds: { min: 300, default: 86_400, max: 2_592_000 },
    readsMax: 100,
    envelopeBytes: 67_108_864,
    partBytes: 1_048_576,
    leaseSeconds: 60,
    passphraseAttempts: 10,
  },
  maintenance: { lastSweepAt: null, nextSweepBy: null, erasedWithinSeconds: 10 },
};
const answers: Record<string, [status: number, body: object]> = {
  GET: [200, service],
  POST: [201, { id: "AAAAAAAAAAAAAAAAAAAAAA", parts: 1, partBytes: 1_048_576, depositBy: time }],
  PUT: [201, { state: "live", expiresAt: time }],
};
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.method ?? "");
  const [status, body] = answers[request.method ?? ""] ?? [204, undefined];
  request.resume().on("end", () => response.writeHead(status).end(body && JSON.stringify(body)));
});

let origin: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());

/** One command line, with "secret" piped in. */
function ran(argv: string[], { stdout, signal, stderr }: Partial<Io>) {
  const stdin = new PassThrough();
  stdin.end("secret");
  return run([...argv, "--server", origin], {
    env: {},
    version: "1.2.3",
    stdin,
    stdout: stdout ?? new PassThrough(),
    stderr: stderr ?? new PassThrough(),
    signal: signal ?? new AbortController().signal,
  } as unknown as Io);
}
const asStream = (stream: Writable) => stream as unknown as NodeJS.WriteStream;

test("what a service says of itself commands no terminal, and fakes no line", async () => {
  for (const more of [[], ["--json"]]) {
    const stdout = new PassThrough();
    expect(await ran(["service", ...more], { stdout: asStream(stdout) })).toBe(6);
    const shown = String(stdout.read());
    expect(shown).toMatch(/1\.0.*State.*accepts secrets/);
    expect(shown).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  }
});

test("a secret whose link reached nobody is burned, though its sender stops it meanwhile", async () => {
  service.state = "accepting";
  asked.length = 0;
  const stopping = new AbortController();
  const stdout = new Writable({
    write(_bytes, _encoding, done) {
      stopping.abort(new Stopped());
      done(Object.assign(new Error("broken"), { code: "EPIPE" }));
    },
  });
  stdout.on("error", () => {});
  expect(await ran(["protect"], { stdout: asStream(stdout), signal: stopping.signal })).toBe(7);
  expect(asked).toEqual(["GET", "POST", "PUT", "DELETE"]);
});

test("a passphrase's file that is too long is said to be that", async () => {
  service.state = "accepting";
  const stderr = new PassThrough();
  const code = await ran(["protect", "--passphrase-file", "/dev/zero"], { stderr: asStream(stderr) });
  expect([code, String(stderr.read())]).toEqual([
    5,
    "mayfly: The passphrase is too long: 1,024 bytes is the most.\n",
  ]);
});
