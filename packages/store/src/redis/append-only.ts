/**
 * Whether a server still keeps an append-only file, or none, as when it was looked at first. Once the file is turned off, what is read
 * is in memory only: started again from the file that was left, the server would have it unread.
 */
export class AppendOnly {
  #first: boolean | null = null;
  #last: boolean | null = null;

  /** null: the server does not tell, as while it loads. */
  see(kept: boolean | null): void {
    if (kept === null) return;
    this.#first ??= kept;
    this.#last = kept;
  }

  get changed(): boolean {
    return this.#last !== this.#first;
  }
}
