import { decodeFields } from "@mayfly/crypto";
import { count } from "../amounts.ts";
import { forTerminal } from "../harmless.ts";
import { textIn } from "../input/bytes.ts";
import { type Surroundings, tell } from "../surroundings.ts";
import { answer } from "./answer.ts";
import type { Collected } from "./collector.ts";

type Held = Extract<Collected, { held: unknown }>;

/** What is held, as bytes for a file or a pipe: a text and a file as they are, named fields as lines. */
export function bytesOf({ kind, held }: Held): Uint8Array<ArrayBuffer> {
  const fields = kind === "login" || kind === "contact" ? fieldsIn(held) : null;
  if (fields === null) return held;
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** What is held, as the fields of a JSON object. A file that is no text is base64. */
export function jsonOf({ kind, held }: Held): object {
  const fields = kind === "login" || kind === "contact" ? fieldsIn(held) : null;
  if (fields !== null) return { kind, fields };
  const text = textIn(held);
  return text === null ? { kind, base64: Buffer.from(held).toString("base64") } : { kind, text };
}

/** Prints what is held: exactly to a pipe, and to a terminal so that it commands nothing. Throws Fault "output". */
export async function print(surroundings: Surroundings, collected: Held): Promise<void> {
  const bytes = bytesOf(collected);
  const text = surroundings.stdout.isTTY ? textIn(bytes) : null;
  if (text === null) return answer(surroundings, bytes);
  const shown = forTerminal(text);
  await answer(surroundings, shown.text.endsWith("\n") ? shown.text : `${shown.text}\n`);
  if (shown.escaped > 0)
    tell(
      surroundings,
      `${count(shown.escaped, "character that would command the terminal is", "characters that would command the terminal are")} shown as codes. --output or a pipe gives it as it is.`,
    );
}

function fieldsIn(held: Uint8Array): Record<string, string> | null {
  try {
    return decodeFields(held);
  } catch {
    return null;
  }
}
