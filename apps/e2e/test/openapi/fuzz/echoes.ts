/** Nothing of what was asked may be in what is answered. */
import type { Answer } from "./connection.ts";
import type { Request } from "./request.ts";

/** Long enough that it is nowhere by chance. */
const WORD = /[A-Za-z0-9_-]{8,}/g;

export class Echoes {
  /** What the service says by itself. */
  readonly #own: string;

  constructor(said: readonly string[]) {
    this.#own = said.join("\n");
  }

  /** Without the words themselves: they may be secrets. */
  faults(request: Request, { status, headers, body }: Answer): string[] {
    const isEnvelope = status === 200 && headers.get("content-type") === "application/octet-stream";
    const answered = [...headers.values(), ...(isEnvelope ? [] : [body.toString("latin1")])].join("\n");
    const asked = [
      request.target,
      ...request.headers.map(([, value]) => value),
      request.body?.toString("latin1") ?? "",
    ];
    const words = new Set(asked.flatMap((text) => text.match(WORD) ?? []));
    return [...words].some((word) => !this.#own.includes(word) && answered.includes(word))
      ? ["repeats what was asked"]
      : [];
  }
}
