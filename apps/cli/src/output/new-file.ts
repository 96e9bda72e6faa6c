import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../fault.ts";
import { numbered } from "../harmless.ts";

const mostNumbers = 1000;

/**
 * A file that is not there until it is whole: written under another name beside its place, for its owner's eyes alone,
 * and put there in one step. Every method throws Fault "output".
 */
export class NewFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async in(folder: string): Promise<NewFile> {
    const path = join(folder, `.mayfly-${randomBytes(8).toString("hex")}.part`);
    return new NewFile(path, await writing(() => open(path, "wx", 0o600)));
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writing(() => this.#handle.writeFile(bytes));
  }

  /** To disk, and closed. */
  async finish(): Promise<void> {
    await writing(async () => {
      await this.#handle.sync();
      await this.#handle.close();
    });
  }

  /** Puts it at `path`, in place of what may be there. */
  async replace(path: string): Promise<void> {
    await writing(async () => {
      await rename(this.#path, path);
      await syncFolder(dirname(path));
    });
  }

  /** Puts it at `path`, or, where something stands there already, under a name with a number. Answers which. */
  async place(path: string): Promise<string> {
    return writing(async () => {
      for (let number = 1; number < mostNumbers; number++) {
        const target = numbered(path, number);
        if (!(await moved(this.#path, target))) continue;
        await syncFolder(dirname(target));
        return target;
      }
      throw new Fault("output", "Too many files of that name are there already.");
    });
  }

  /** Leaves nothing of it. Throws nothing. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }
}

/** Gives the file its name, unless that is taken: then false. Leaves nothing under it when it throws. */
async function moved(from: string, to: string): Promise<boolean> {
  let finish = () => rm(from);
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (code === "ENOSPC" || code === "ENOENT" || code === "EROFS") throw error;
    // Not every file system has hard links. The name is taken first, so that nobody else's file can come in between.
    if (!(await taken(to))) return false;
    finish = () => rename(from, to);
  }
  try {
    await finish();
    return true;
  } catch (error) {
    // A scanner may hold a file on some systems: that is a fault, and no reason to try the next name.
    await rm(to, { force: true }).catch(() => {});
    throw error;
  }
}

/** Takes a name with an empty file; false where it is another's. */
async function taken(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The name is on disk too. Where folders cannot be synced, as on Windows, the system has its own ways. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** What `work` gives; its faults as a Fault that names their kind alone. */
export async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new Fault("output", `The secret could not be written (${code}).`, error);
  }
}
