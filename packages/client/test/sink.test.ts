import { afterAll, beforeEach, expect, test } from "vitest";
import { createClient, filesSecret, type OpenProgress, type Sink } from "../src/index.ts";
import { failure } from "./failure.ts";
import { bytesOf, fileOf, hash } from "./file-sources.ts";
import { startTinyService } from "./tiny-service.ts";

const tiny = await startTinyService(65_536);
const client = createClient({ server: tiny.origin });
const once = { lifetime: 3600, reads: 1 as const };
afterAll(() => tiny.stop());
beforeEach(() => tiny.reset());

const last = () => [...tiny.kept.values()].at(-1);

/** A sink that remembers what it was told, in order. */
function recorder(fault?: { at: string; error: Error }) {
  const calls: string[] = [];
  const pieces: Uint8Array[] = [];
  const told = (name: string) => {
    if (calls.at(-1) !== name) calls.push(name);
    if (fault?.at === name) throw fault.error;
  };
  const sink: Sink = {
    begin: (meta, length) => told(`begin ${meta.kind} ${length}`),
    write(bytes) {
      told("write");
      pieces.push(bytes);
    },
    commit: () => told("commit"),
    abort: () => told("abort"),
  };
  return { sink, calls, pieces };
}

test("a sink is told what comes, gets all of it in order, and commits before the service is told", async () => {
  const content = bytesOf(300_000, 9);
  const { link } = await client.protect(filesSecret([fileOf("a", content).file]), once);
  const { sink, calls, pieces } = recorder();
  let told: boolean | undefined;
  const read = await client.opener(link).openInto({
    ...sink,
    async commit() {
      await new Promise((resolve) => setImmediate(resolve));
      told = last()?.acknowledged;
      await sink.commit?.();
    },
  });
  expect(calls).toEqual(["begin files 300000", "write", "commit"]);
  expect(hash(...pieces)).toBe(hash(content));
  expect(told).toBe(false);
  expect(await read.acknowledged).toBe(true);
  expect(last()?.acknowledged).toBe(true);
});

test("what does not verify is never committed: the sink is told to destroy, and the service is told nothing", async () => {
  const { link } = await client.protect(filesSecret([fileOf("a", bytesOf(300_000, 9)).file]), once);
  tiny.control.fault = ({ url }) => {
    if (url.endsWith("/parts/3")) tiny.control.corrupt = true;
    return "serve";
  };
  const { sink, calls } = recorder();
  expect(await failure(client.opener(link).openInto(sink))).toMatchObject({ code: "damaged" });
  expect(calls).toEqual(["begin files 300000", "write", "abort"]);
  expect(last()?.acknowledged).toBe(false);
});

test("opening can be given up between two parts, and taken up again by the same opener", async () => {
  const content = bytesOf(300_000, 9);
  const { link } = await client.protect(filesSecret([fileOf("a", content).file]), once);
  const stop = new AbortController();
  const opener = client.opener(link);
  const first = recorder();
  const onProgress = (progress: OpenProgress) => {
    if (progress.step === "receiving" && progress.fraction > 0.3) stop.abort(new Error("enough"));
  };
  const error = await failure(opener.openInto(first.sink, { signal: stop.signal, onProgress }));
  expect(error.message).toBe("enough");
  expect(first.calls).toEqual(["begin files 300000", "write", "abort"]);
  const second = recorder();
  await opener.openInto(second.sink);
  expect(hash(...second.pieces)).toBe(hash(content));
});

test("opening that is given up during the last write is not committed", async () => {
  const { link } = await client.protect(filesSecret([fileOf("a", bytesOf(10, 9)).file]), once);
  const stop = new AbortController();
  const { sink, calls } = recorder();
  const write = () => stop.abort(new Error("enough"));
  const error = await failure(client.opener(link).openInto({ ...sink, write }, { signal: stop.signal }));
  expect(error.message).toBe("enough");
  expect(calls).toEqual(["begin files 10", "abort"]);
});

test.each(["begin files 300000", "write", "commit"])(
  "a sink that fails at %s keeps the secret",
  async (at) => {
    const { link } = await client.protect(filesSecret([fileOf("a", bytesOf(300_000, 9)).file]), once);
    const { sink, calls } = recorder({ at, error: new Error("disk full") });
    const opener = client.opener(link);
    expect((await failure(opener.openInto(sink))).message).toBe("disk full");
    expect(calls.at(-1)).toBe("abort");
    expect(last()?.acknowledged).toBe(false);
    expect((await opener.open()).secret.content.length).toBe(300_000);
  },
);

test("a sink that fails to destroy does not hide why it had to", async () => {
  const { link } = await client.protect(filesSecret([fileOf("a", bytesOf(10, 9)).file]), once);
  const { sink } = recorder({ at: "commit", error: new Error("disk full") });
  const abort = () => {
    throw new Error("and read-only");
  };
  expect((await failure(client.opener(link).openInto({ ...sink, abort }))).message).toBe("disk full");
});
