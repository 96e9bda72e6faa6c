import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FileMeta, OpenedMeta, Sink } from "@mayfly/client";
import { fileName, numbered } from "../harmless.ts";
import { NewFile, writing } from "./new-file.ts";
import type { Target } from "./target.ts";

/** A file of a secret, as it was saved. */
interface SavedFile {
  /** As its sender called it. */
  name: string;
  size: number;
  path: string;
}

/** A secret that has verified: either saved already, or held to be printed. */
export type Collected =
  | { kind: OpenedMeta["kind"]; held: Uint8Array<ArrayBuffer> }
  | { kind: "files"; saved: readonly SavedFile[] };

/** Takes a secret in, into memory or onto the disk; `collected` is there once it has verified and committed. */
interface Collector extends Sink {
  readonly collected: Collected | undefined;
}

/**
 * A collector for `target`. `onePrinted`: whether a single file may go to standard output. What is held is held until it
 * has verified: half a secret is never printed.
 */
export function createCollector(target: Target, onePrinted: boolean): Collector {
  let inner: Collector | undefined;
  return {
    get collected() {
      return inner?.collected;
    },
    async begin(meta, length) {
      const { files } = meta;
      const printed =
        files?.length === 1 && (target.kind === "stdout" || (target.kind === "usual" && onePrinted));
      inner = files && !printed ? await filesOnDisk(files, target) : held(meta, length);
    },
    write: (bytes) => inner?.write(bytes),
    commit: () => inner?.commit?.(),
    abort: (reason) => inner?.abort?.(reason),
  };
}

function held({ kind }: OpenedMeta, length: number): Collector {
  const content = new Uint8Array(length);
  let at = 0;
  let whole = false;
  return {
    get collected() {
      return whole ? { kind, held: content } : undefined;
    },
    write(bytes) {
      content.set(bytes, at);
      at += bytes.length;
    },
    commit() {
      whole = true;
    },
  };
}

interface Planned extends FileMeta {
  path: string;
  file?: NewFile;
}

/** Where each file is to stand. Several do not fit into one: the name given then becomes that of a folder. */
async function placesOf(files: readonly FileMeta[], target: Target) {
  if (target.kind === "file" && files.length === 1)
    return { folder: dirname(target.path), made: undefined, paths: [target.path] };
  let folder = target.kind === "folder" ? target.path : ".";
  let made: string | undefined;
  if (target.kind === "file") {
    made = await newFolder(target.path);
    folder = made;
  }
  return { folder, made, paths: files.map(({ name }) => join(folder, fileName(name))) };
}

async function newFolder(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = numbered(path, number);
    try {
      await mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return writing(() => Promise.reject(error));
    }
  }
}

async function filesOnDisk(files: readonly FileMeta[], target: Target): Promise<Collector> {
  const { folder, made, paths } = await placesOf(files, target);
  const replaces = target.kind === "file" && target.replaced && made === undefined;
  const plans: Planned[] = files.map((file, index) => ({ ...file, path: paths[index] as string }));
  const placed: string[] = [];
  let saved: readonly SavedFile[] | undefined;
  let current = -1;
  let room = 0;

  /** Goes on to the next file with room, if there is one; those without any bytes are made on the way. */
  async function advance(): Promise<void> {
    while (room === 0 && current + 1 < plans.length) {
      await plans[current]?.file?.finish();
      const plan = plans[++current] as Planned;
      plan.file = await NewFile.in(folder);
      room = plan.size;
    }
  }

  return {
    get collected() {
      return saved && ({ kind: "files", saved } as const);
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        await advance();
        const piece = bytes.subarray(at, at + room);
        await plans[current]?.file?.write(piece);
        room -= piece.length;
        at += piece.length;
      }
    },
    async commit() {
      await advance();
      await plans[current]?.file?.finish();
      const done: SavedFile[] = [];
      for (const { name, size, path, file } of plans) {
        if (replaces) await file?.replace(path);
        const at = replaces ? path : ((await file?.place(path)) as string);
        placed.push(at);
        done.push({ name, size, path: at });
      }
      saved = done;
    },
    async abort() {
      for (const { file } of plans) await file?.discard();
      for (const path of placed) await rm(path, { force: true });
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
}
