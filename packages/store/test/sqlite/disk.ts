import type { Operation } from "./system-calls.ts";

/** What the files hold; a file that is not there is not in it. */
export type Image = ReadonlyMap<string, Buffer>;

/** An operation that the disk may have, or not, when the power goes. */
type Pending = Exclude<Operation, { kind: "sync" | "syncDirectory" | "say" }>;

/** A disk writes sectors of this size wholly or not at all (https://www.sqlite.org/psow.html). */
const SECTOR = 512;

/**
 * A disk with a cache that may lose all that was not synced: any prefix of it, any one write missing while the later ones are there,
 * and the last one torn.
 */
export class Disk {
  #durable: Map<string, Buffer>;
  #pending: Pending[] = [];

  constructor(start: Image) {
    this.#durable = new Map(start);
  }

  get pending(): number {
    return this.#pending.length;
  }

  apply(operation: Operation): void {
    if (operation.kind === "say") return;
    // Opened to be made when missing, and it was not missing.
    if (operation.kind === "create" && this.whole().has(operation.file)) return;
    if (operation.kind !== "sync" && operation.kind !== "syncDirectory") {
      this.#pending.push(operation);
      return;
    }
    const done = (pending: Pending) =>
      operation.kind === "sync"
        ? pending.kind !== "create" && pending.file === operation.file
        : pending.kind === "create";
    for (const pending of this.#pending) if (done(pending)) perform(this.#durable, pending);
    this.#pending = this.#pending.filter((pending) => !done(pending));
  }

  /** Everything written is there: what another process would read. */
  whole(): Image {
    return this.#after(this.#pending);
  }

  /** The last write is there in part. */
  *torn(): Generator<Image> {
    const last = this.#pending.at(-1);
    if (last?.kind !== "write") return;
    for (const size of new Set([SECTOR, Math.floor(last.bytes.length / 2 / SECTOR) * SECTOR])) {
      if (size === 0 || size >= last.bytes.length) continue;
      yield this.#after([...this.#pending.slice(0, -1), { ...last, bytes: last.bytes.subarray(0, size) }]);
    }
  }

  /** Every prefix of what was not synced. */
  *prefixes(): Generator<Image> {
    for (let length = 0; length < this.#pending.length; length++)
      yield this.#after(this.#pending.slice(0, length));
  }

  /** All is there but one. */
  *holes(): Generator<Image> {
    for (let hole = 0; hole < this.#pending.length - 1; hole++)
      yield this.#after(this.#pending.toSpliced(hole, 1));
  }

  #after(pending: readonly Pending[]): Image {
    const files = new Map(this.#durable);
    for (const operation of pending) perform(files, operation);
    // A log whose making is lost is lost with all that was synced to it.
    for (const operation of this.#pending) {
      if (operation.kind === "create" && !pending.includes(operation)) files.delete(operation.file);
    }
    return files;
  }
}

function perform(files: Map<string, Buffer>, operation: Pending): void {
  const before = files.get(operation.file) ?? Buffer.alloc(0);
  if (operation.kind === "create") {
    files.set(operation.file, before);
    return;
  }
  const end = operation.kind === "write" ? operation.offset + operation.bytes.length : operation.size;
  const size = operation.kind === "write" ? Math.max(before.length, end) : end;
  const after = Buffer.alloc(size);
  before.copy(after);
  if (operation.kind === "write") operation.bytes.copy(after, operation.offset);
  files.set(operation.file, after);
}
