const MIB = 1024 * 1024;

/** Of one process: bodies are kept in memory until they are complete, before anybody knows whether they are wanted. */
const MOST_BYTES = 256 * MIB;
/** Of one client, so that nobody who sends slowly keeps all others from depositing. */
const MOST_BYTES_OF_ONE = 32 * MIB;

/** How many bytes of parts are on their way to this process. Clients are forgotten when nothing of theirs is. */
export class UploadRoom {
  readonly #ofOne: number;
  readonly #held = new Map<string, number>();
  #all = 0;

  /** `shares`: whether one client gets a part of the room only. */
  constructor(shares: boolean) {
    this.#ofOne = shares ? MOST_BYTES_OF_ONE : MOST_BYTES;
  }

  /** False, and nothing is kept, when there is no room. A client that has nothing on its way always fits its share. */
  enter(client: string, bytes: number): boolean {
    const held = this.#held.get(client) ?? 0;
    if (this.#all + bytes > MOST_BYTES || (held > 0 && held + bytes > this.#ofOne)) return false;
    this.#all += bytes;
    this.#held.set(client, held + bytes);
    return true;
  }

  /** Once for each `enter` that was true, with the same bytes. */
  leave(client: string, bytes: number): void {
    const held = (this.#held.get(client) ?? 0) - bytes;
    this.#all -= bytes;
    if (held > 0) this.#held.set(client, held);
    else this.#held.delete(client);
  }
}
