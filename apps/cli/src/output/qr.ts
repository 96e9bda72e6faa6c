import { renderUnicodeCompact } from "uqr";
import type { Io } from "../io.ts";

const border = 4;

/** Whether standard error is a terminal that obeys colours, and nobody asked for none (no-color.org). */
export function takesColour({ stderr, env }: Io): boolean {
  return stderr.isTTY && env.TERM !== "dumb" && !env.NO_COLOR;
}

/** A text as a QR code of half blocks. `coloured`: black on white by force, whatever the terminal's own colours are. */
export function qrCode(text: string, coloured: boolean): string {
  const lines = renderUnicodeCompact(text, { ecc: "M", border }).split("\n");
  return lines.map((line) => (coloured ? `\x1b[97;40m${line}\x1b[0m` : line)).join("\n");
}
