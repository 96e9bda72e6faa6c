/**
 * Whether a server still keeps an append-only file as it did at first. Once the file is off, reads are in
 * memory only: a restart from the old file would make them unread.
 */
export class AppendOnly {
  #first: boolean | null = null;
  #last: boolean | null = null;

  /** null: the server does not report it, for instance while it loads. */
  see(kept: boolean | null): void {
    if (kept === null) return;
    this.#first ??= kept;
    this.#last = kept;
  }

  get changed(): boolean {
    return this.#last !== this.#first;
  }
}
