import { createHash } from "node:crypto";
import { createClient, type FileSource, filesSecret } from "@mayfly/client";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepings, startKeeping } from "../src/keeping.ts";
import { type Service, startService } from "../src/service.ts";
import { sideBySide } from "./side-by-side.ts";

const size = 400_000;
const piece = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 31) & 255);
const options = { lifetime: 3600, reads: 1 };
const whole = createHash("sha256");
for (let at = 0; at < size; at += piece.length) whole.update(piece);
const expected = whole.digest("hex");

const file: FileSource = {
  name: "a.bin",
  size,
  async *stream() {
    for (let at = 0; at < size; at += piece.length) yield piece;
  },
};

sideBySide(keepings, "a stream into %s", (kind) => {
  let service: Service;
  let proxy: TcpProxy;
  const client = () => createClient({ server: proxy.origin });

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), { env: { MAYFLY_PART_BYTES: "65536" } });
    proxy = await TcpProxy.start(service.origin);
  });
  afterAll(async () => {
    await proxy?.close();
    await service?.stop();
  });

  test("comes out whole, though a part's answer is lost on the way in and on the way out", async () => {
    proxy.dropAnswerTo("/parts/3");
    const { link } = await client().protect(filesSecret([file]), options);
    expect(proxy.dropped).toBe(1);
    expect(await service.keeping.parts()).toBeGreaterThan(6);
    proxy.dropAnswerTo("/parts/5");
    const hash = createHash("sha256");
    let partsAtCommit = 0;
    const read = await client()
      .opener(link)
      .openInto({
        write: (bytes) => void hash.update(bytes),
        async commit() {
          partsAtCommit = await service.keeping.parts();
        },
      });
    expect(proxy.dropped).toBe(2);
    expect(hash.digest("hex")).toBe(expected);
    expect(partsAtCommit).toBeGreaterThan(6);
    expect(await read.acknowledged).toBe(true);
    expect(await service.keeping.parts()).toBe(0);
  });

  test("that is given up leaves nothing of itself behind, and no link", async () => {
    const stop = new AbortController();
    let link = "";
    const work = client().protect(filesSecret([file]), {
      ...options,
      signal: stop.signal,
      onProgress(progress) {
        if (progress.step !== "storing") return;
        link = progress.link;
        if (progress.deposited === 3) stop.abort(new Error("enough"));
      },
    });
    await expect(work).rejects.toThrow("enough");
    expect(await service.keeping.parts()).toBe(0);
    await expect(client().open(link)).rejects.toMatchObject({ name: "ClientError" });
  });
});
