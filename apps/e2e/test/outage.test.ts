import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, type FileSource, filesSecret } from "@mayfly/client";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { until } from "@mayfly/lab/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildCommandLine, createCommandLine } from "../src/command-line.ts";
import { keepings, startKeeping } from "../src/keeping.ts";
import { type Service, startApi, startService, startWorker } from "../src/service.ts";
import { sideBySide } from "./side-by-side.ts";

/** How long the service is away at least; what the promise speaks of is `OUTAGE_SECONDS=45`. */
const outageMs = Number(process.env.OUTAGE_SECONDS ?? 0) * 1000;
const limit = { timeout: 120_000 + 4 * outageMs };
const env = { MAYFLY_PART_BYTES: "65536" };
const options = { lifetime: 3600, reads: 1 };

const size = 400_000;
const piece = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 31) & 255);
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const content = Buffer.concat(Array<Uint8Array>(size / piece.length).fill(piece));

/** When the outage has lasted as long as it is to, and has been noticed by several tries. */
async function lasted(since: number, tries: () => number): Promise<void> {
  const wanted = tries() + 3;
  await until(
    "the outage to be noticed",
    () => tries() >= wanted && performance.now() - since >= outageMs,
    30_000 + outageMs,
  );
}

sideBySide(keepings, "an API over %s that is stopped and started again", (kind) => {
  let service: Service;
  let restarted: Awaited<ReturnType<typeof startApi>> | undefined;
  const client = () => createClient({ server: service.origin });

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), { env });
  });
  afterAll(async () => {
    await restarted?.running.stop();
    await service?.stop();
  });

  /** Stops the API, and starts it again at its address when the outage has lasted. */
  async function outage(tries: () => number): Promise<{ over: Promise<void> }> {
    const { running } = restarted ?? (service.apis[0] as NonNullable<typeof restarted>);
    running.kill("SIGKILL");
    await running.ended;
    const since = performance.now();
    const over = lasted(since, tries).then(async () => {
      restarted = await startApi(service.keeping, { ...env, PORT: new URL(service.origin).port });
    });
    return { over };
  }

  test("in the middle of an upload and of a download costs neither", limit, async () => {
    let waits = 0;
    const onProgress = ({ step }: { step: string }) => {
      if (step === "waiting") waits += 1;
    };
    let over: Promise<void> | undefined;
    const file: FileSource = {
      name: "a.bin",
      size,
      async *stream() {
        for (let at = 0; at < size; at += piece.length) {
          if (at === size / 2) ({ over } = await outage(() => waits));
          yield piece;
        }
      },
    };
    const { link } = await client().protect(filesSecret([file]), { ...options, onProgress });
    await over;
    expect(waits).toBeGreaterThan(2);

    const pieces: Uint8Array[] = [];
    waits = 0;
    over = undefined;
    const opener = client().opener(link);
    const read = await opener.openInto(
      {
        async write(bytes) {
          pieces.push(bytes);
          if (pieces.length === 3) ({ over } = await outage(() => waits));
        },
      },
      { onProgress },
    );
    await over;
    expect(waits).toBeGreaterThan(2);
    expect(hashOf(Buffer.concat(pieces))).toBe(hashOf(content));
    expect(await read.acknowledged).toBe(true);
    expect(await service.keeping.parts()).toBe(0);
  });
});

/** Of the last sweep until the service halts, and of a lease. Long enough to store a secret before. */
const SECONDS = 10;

sideBySide(keepings, "a halt of a service over %s", (kind) => {
  let service: Service;

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), {
      env: {
        ...env,
        MAYFLY_HEARTBEAT_MAX_AGE_SECONDS: String(SECONDS),
        MAYFLY_LEASE_SECONDS: String(SECONDS),
      },
    });
  });
  afterAll(() => service?.stop());

  test("that is longer than a lease, in the middle of a download, costs nothing", limit, async () => {
    const client = createClient({ server: service.origin });
    const file: FileSource = { name: "a.bin", size, stream: () => new Blob([content]).stream() };
    const { link } = await client.protect(filesSecret([file]), options);
    service.worker.kill("SIGKILL");
    const isHalted = async () => (await client.service()).state === "halted";

    let haltedAt: number | undefined;
    const pieces: Uint8Array[] = [];
    const opener = client.opener(link);
    const reading = opener.openInto(
      {
        async write(bytes) {
          pieces.push(bytes);
          if (pieces.length === 3) await until("the halt", isHalted, 60_000);
        },
      },
      {
        onProgress(progress) {
          if (progress.step === "waiting" && progress.code === "halted") haltedAt ??= performance.now();
        },
      },
    );
    await until(
      "the lease to be over, but for the halt",
      () => haltedAt !== undefined && performance.now() - haltedAt > (SECONDS + 1) * 1000,
      60_000,
    );
    service.worker = startWorker(service.keeping, service.env);
    const read = await reading;
    expect(hashOf(Buffer.concat(pieces))).toBe(hashOf(content));
    expect(await read.acknowledged).toBe(true);
    expect(await service.keeping.parts()).toBe(0);
  });
});

test("the command line goes on, too, when its service was out of reach in the middle", limit, async () => {
  const bundle = await buildCommandLine();
  const service = await startService(await startKeeping("sqlite"), { env });
  const proxy = await TcpProxy.start(service.origin);
  const line = createCommandLine(process.execPath, bundle.file, { MAYFLY_SERVER: proxy.origin });
  /** Lets the service vanish when a request for the fourth part is on its way. */
  async function outage(): Promise<void> {
    await until("the fourth part to be on its way", () => proxy.held);
    proxy.cut();
    proxy.release();
    await lasted(performance.now(), () => proxy.refused);
    proxy.mend();
  }
  try {
    writeFileSync(join(line.folder, "big"), content);
    proxy.holdFrom("/parts/3");
    const sending = line.shell("mayfly protect -f big");
    await outage();
    const sent = await sending;
    expect([sent.code, sent.stderr]).toEqual([0, expect.stringContaining("It opens once")]);

    proxy.holdFrom("/parts/3");
    const reading = line.shell("mayfly open -o got", sent.stdout.toString());
    await outage();
    const read = await reading;
    expect([read.code, read.stderr]).toEqual([0, expect.stringContaining("to no further reader")]);
    expect(hashOf(readFileSync(join(line.folder, "got")))).toBe(hashOf(content));
  } finally {
    line.remove();
    await proxy.close();
    await service.stop();
    bundle.remove();
  }
});
