/** What a sender wrote, made harmless for a terminal and for a folder: neither is to obey a stranger. */

// Controls but for tab and line end, and the marks that turn text around or hide in it.
const commands = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text as a terminal may show it: what would command the terminal stands there as \xNN or \u{NNNN}. */
export function forTerminal(text: string): { text: string; escaped: number } {
  let escaped = 0;
  const shown = text.replaceAll("\r\n", "\n").replaceAll(commands, (character) => {
    if (character === "\n" || character === "\t") return character;
    escaped++;
    const code = (character.codePointAt(0) as number).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u{${code}}`;
  });
  return { text: shown, escaped };
}

/** The same on one line, for what may have none of its own: line ends and tabs are shown as codes, too. */
export function onOneLine(text: string): string {
  return forTerminal(text).text.replaceAll("\n", "\\x0a").replaceAll("\t", "\\x09");
}

/** The value as indented JSON that commands no terminal: JSON itself escapes the first 32 controls, and no other mark. */
export function harmlessJson(value: object): string {
  return JSON.stringify(value, null, 2).replaceAll(commands, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

// What Windows takes for a device, whatever stands behind the first dot.
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(?:\.|$))/i;
const notInNames = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const longestName = 200;

/**
 * A name under which a sender's file can be saved on any system without surprise: no path, device, control or invisible
 * character, nothing that hides it or looks like an option, and short enough for a number beside it.
 */
export function fileName(name: string): string {
  const plain = name
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(notInNames, "_")
    .replace(/[. ]+$/, "");
  const [, stem = "", extension = ""] = /^(.*?)(\.[^. ]{1,20})?$/su.exec(plain) ?? [];
  const room = longestName - Buffer.byteLength(extension);
  const short = shortened(stem, room) + extension;
  return short === "" || /^[-.~ ]/.test(short) || device.test(short) ? `_${short}` : short;
}

function shortened(text: string, bytes: number): string {
  let kept = "";
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}

/** The name, or the path, with a number before its extension: "report (2).pdf". */
export function numbered(name: string, number: number): string {
  return number < 2
    ? name
    : name.replace(/(?<=[^/\\])(\.[^./\\]{1,20})?$/, (extension) => ` (${number})${extension ?? ""}`);
}
