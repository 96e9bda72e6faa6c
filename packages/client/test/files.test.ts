import { afterAll, beforeEach, expect, test } from "vitest";
import { createClient, type FileSource, filesOf, filesSecret, textSecret } from "../src/index.ts";
import { failure } from "./failure.ts";
import { bytesOf, fileOf, hash } from "./file-sources.ts";
import { startTinyService } from "./tiny-service.ts";

const partBytes = 65_536;
const tiny = await startTinyService(partBytes);
const client = createClient({ server: tiny.origin });
const once = { lifetime: 3600, reads: 1 as const };
afterAll(() => tiny.stop());
beforeEach(() => tiny.reset());

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
