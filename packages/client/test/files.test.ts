import { createHash } from "node:crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import {
  createClient,
  type FileSource,
  filesOf,
  filesSecret,
  type OpenProgress,
  type Sink,
  textOf,
  textSecret,
} from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

const partBytes = 65_536;
const tiny = await startTinyService(partBytes);
const client = createClient({ server: tiny.origin });
const once = { lifetime: 3600, reads: 1 as const };

afterAll(() => tiny.stop());
beforeEach(() => {
  tiny.control.fault = () => "serve";
  tiny.control.corrupt = false;
  tiny.seen.length = 0;
});

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable("it worked"),
    (error: unknown) => error as Error & { code?: string; reason?: string },
  );
const hash = (...pieces: readonly Uint8Array[]) =>
  pieces.reduce((sum, piece) => sum.update(piece), createHash("sha256")).digest("hex");
const bytesOf = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed + (index >> 8)) & 255);

/** A file that gives its bytes in pieces of `step`, and tells how far it was read and whether it was let go. */
function fileOf(name: string, bytes: Uint8Array, step = 10_000, size = bytes.length) {
  const told = { read: 0, closed: false };
  const file: FileSource = {
    name,
    size,
    async *stream() {
      try {
        for (let at = 0; at < bytes.length; at += step) {
          told.read = Math.min(at + step, bytes.length);
          yield bytes.subarray(at, at + step);
        }
      } finally {
        told.closed = true;
      }
    },
  };
  return { file, told };
}

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

const puts = () => tiny.seen.filter(({ method }) => method === "PUT").length;
const last = () => [...tiny.kept.values()].at(-1);

test("files are read while they are sealed, a part ahead of the service and no more", async () => {
  const first = fileOf("a.bin", bytesOf(200_000, 1));
  const ahead: number[] = [];
  tiny.control.fault = ({ method }) => {
    if (method === "PUT") ahead.push(first.told.read - puts() * partBytes);
    return "serve";
  };
  const { link } = await client.protect(
    filesSecret([first.file, fileOf("b", new Uint8Array(0)).file, fileOf("c", bytesOf(7, 3)).file]),
    once,
  );
  expect(ahead.length).toBeGreaterThan(3);
  // A chunk is sealed when it is full: what is read and not sealed is less than a chunk and a piece.
  expect(Math.max(...ahead)).toBeLessThan(65_536 + 10_000);
  const files = filesOf((await client.open(link)).secret);
  expect(files?.map(({ name, size }) => [name, size])).toEqual([
    ["a.bin", 200_000],
    ["b", 0],
    ["c", 7],
  ]);
  expect(files?.map(({ bytes }) => hash(bytes))).toEqual(
    [bytesOf(200_000, 1), new Uint8Array(0), bytesOf(7, 3)].map((bytes) => hash(bytes)),
  );
});

test("a browser's File is a file as it is", async () => {
  const { link } = await client.protect(
    filesSecret([new File([bytesOf(100_000, 5)], "x.png", { type: "image/png" })]),
    once,
  );
  const [file] = filesOf((await client.open(link)).secret) ?? [];
  expect(file).toMatchObject({ name: "x.png", type: "image/png", size: 100_000 });
  expect(hash(file?.bytes as Uint8Array)).toBe(hash(bytesOf(100_000, 5)));
});

test("a text has no files", async () => {
  const { link } = await client.protect(textSecret("x"), once);
  expect(filesOf((await client.open(link)).secret)).toBeNull();
});

test.each([
  ["shorter", 99_999, 0],
  ["longer", 100_001, 0],
  ["shorter, while the next one has grown by as much,", 99_999, 1],
])(
  "a file that is %s than was said ends it there, and the reservation is given back",
  async (_how, has, more) => {
    const changed = fileOf("a", bytesOf(has, 1), 10_000, 100_000);
    const next = fileOf("b", bytesOf(10 + more, 1), 10_000, 10);
    const error = await failure(client.protect(filesSecret([changed.file, next.file]), once));
    expect(error.reason).toBe("content_length");
    expect(changed.told.closed).toBe(true);
    expect(next.told.read).toBe(0);
    expect(tiny.seen.at(-1)?.method).toBe("DELETE");
    expect(last()?.burned).toBe(true);
  },
);

test("what reading a file throws comes out, and the reservation is given back", async () => {
  const file: FileSource = {
    name: "a",
    size: 200_000,
    stream: () =>
      new ReadableStream({
        pull(controller) {
          if (puts() > 0) controller.error(new Error("the disk is gone"));
          else controller.enqueue(bytesOf(10_000, 1));
        },
      }),
  };
  expect(await failure(client.protect(filesSecret([file]), once))).toMatchObject({
    message: "the disk is gone",
  });
  expect(last()?.burned).toBe(true);
});

test("protecting can be given up while a file gives nothing: its stream is let go, the reservation given back", async () => {
  const stop = new AbortController();
  let cancelled = false;
  const file: FileSource = {
    name: "a",
    size: 200_000,
    stream: () =>
      new ReadableStream({
        pull: () => stop.abort(new Error("enough")),
        cancel() {
          cancelled = true;
        },
      }),
  };
  const error = await failure(client.protect(filesSecret([file]), { ...once, signal: stop.signal }));
  expect(error.message).toBe("enough");
  expect(cancelled).toBe(true);
  expect(last()?.burned).toBe(true);
});

test("protecting can be given up between two parts", async () => {
  const stop = new AbortController();
  const { file, told } = fileOf("a", bytesOf(400_000, 1));
  const work = client.protect(filesSecret([file]), {
    ...once,
    signal: stop.signal,
    onProgress: (progress) => {
      if (progress.step === "storing" && progress.deposited === 2) stop.abort(new Error("enough"));
    },
  });
  expect((await failure(work)).message).toBe("enough");
  expect(puts()).toBe(2);
  expect(told.closed).toBe(true);
  expect(last()?.burned).toBe(true);
});

test("a file is let go when the service refuses a part", async () => {
  tiny.control.fault = ({ method }, response) => {
    if (method !== "PUT") return "serve";
    response.writeHead(507).end(JSON.stringify({ code: "store_full" }));
    return "answered";
  };
  const { file, told } = fileOf("a", bytesOf(400_000, 1));
  expect(await failure(client.protect(filesSecret([file]), once))).toMatchObject({ code: "store_full" });
  expect(told.closed).toBe(true);
});

test("a part that the service loses again is sent again from memory, but of a stream nothing is left to send", async () => {
  const content = bytesOf(200_000, 1);
  const forgetting = () => {
    let once = true;
    tiny.control.fault = ({ url }) => {
      const secret = last();
      if (url.endsWith("/parts/3") && secret && once) {
        once = false;
        secret.parts[1] = undefined;
      }
      return "serve";
    };
  };
  forgetting();
  const held = { meta: { kind: "files" as const, files: [{ name: "a", type: "", size: 200_000 }] }, content };
  const { link } = await client.protect(held, once);
  expect(hash((await client.open(link)).secret.content)).toBe(hash(content));
  forgetting();
  const error = await failure(client.protect(filesSecret([fileOf("a", content).file]), once));
  expect(error.code).toBe("unavailable");
  expect(last()?.burned).toBe(true);
});

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

test("the caller who acknowledges itself decides when, and as often as it wants", async () => {
  const { link } = await client.protect(textSecret("kept"), once);
  const opened = await client.open(link, { acknowledge: "manual" });
  expect(textOf(opened.secret)).toBe("kept");
  expect(last()?.acknowledged).toBe(false);
  tiny.control.fault = ({ url }, response) => {
    if (!url.endsWith("/acknowledge")) return "serve";
    response.writeHead(404).end(JSON.stringify({ code: "not_found" }));
    return "answered";
  };
  expect(await opened.acknowledge()).toBe(false);
  tiny.control.fault = () => "serve";
  expect(await opened.acknowledge()).toBe(true);
  expect(await opened.acknowledged).toBe(false);
  expect(last()?.acknowledged).toBe(true);
  const id = [...tiny.kept.keys()].at(-1) as string;
  expect(tiny.seen.filter(({ url }) => url.endsWith(`${id}/acknowledge`))).toHaveLength(2);
});
