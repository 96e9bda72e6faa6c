import { fieldsOf } from "@mayfly/client";
import { count } from "../amounts.ts";
import { forTerminal } from "../harmless.ts";
import { textIn } from "../input/bytes.ts";
import { type Io, tell } from "../io.ts";
import { answer } from "./answer.ts";
import type { Collected } from "./collector.ts";

type Held = Extract<Collected, { held: unknown }>;

/** Whether what is held is of a known kind, and of the form that its kind says: a text in UTF-8, or named fields. */
export function isReadable({ kind, held }: Held): boolean {
  if (kind === "files") return true;
  return kind === "text" ? textIn(held) !== null : fieldsIn({ kind, held }) !== null;
}

/** What is held, as bytes for a file or a pipe: a text and a file as they are, named fields as lines. */
export function bytesOf({ kind, held }: Held): Uint8Array<ArrayBuffer> {
  const fields = fieldsIn({ kind, held });
  if (fields === null) return held;
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** What is held, as the fields of a JSON object. A file that is no text is base64. */
export function jsonOf({ kind, held }: Held): object {
  const fields = fieldsIn({ kind, held });
  if (fields !== null) return { kind, fields };
  const text = textIn(held);
  return text === null ? { kind, base64: Buffer.from(held).toString("base64") } : { kind, text };
}

/** Prints what is held: exactly to a pipe, and to a terminal so that it commands nothing. Throws Fault "output". */
export async function print(io: Io, collected: Held): Promise<void> {
  const bytes = bytesOf(collected);
  if (!io.stdout.isTTY) return answer(io, bytes);
  // What is no UTF-8 loses what it cannot show, and commands nothing either.
  const shown = forTerminal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  await answer(io, shown.text.endsWith("\n") ? shown.text : `${shown.text}\n`);
  if (shown.escaped > 0)
    tell(
      io,
      `${count(shown.escaped, "character that would command the terminal is", "characters that would command the terminal are")} shown as codes. --output or a pipe gives it as it is.`,
    );
}

/** Named fields, or null for what has none, or has them in no form that is known. */
function fieldsIn({ kind, held }: Held): Record<string, string> | null {
  try {
    return fieldsOf({ meta: { kind }, content: held });
  } catch {
    return null;
  }
}
