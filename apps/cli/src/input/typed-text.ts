/** What one key, or one paste, did. */
export interface Keys {
  /** What a visible prompt shows for it. */
  echo: string;
  /** How the typing ended, if it did. */
  end?: "entered" | "stopped";
}

// Arrows and other keys that are no characters: they come as escape sequences.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const keySequence = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?/gu;
const enter = /\r\n?|\n/g;

/**
 * A text as it is being typed on a terminal that edits nothing itself, because it must show nothing. Backspace takes the
 * last character away, Ctrl-U the line, Ctrl-C stops. "line" ends with Enter; "lines" ends with Ctrl-D.
 */
export class TypedText {
  text = "";
  readonly #end: "line" | "lines";

  constructor(end: "line" | "lines") {
    this.#end = end;
  }

  /** Takes what was typed. What stands behind the end, when a paste goes on, is dropped. */
  take(input: string): Keys {
    let echo = "";
    for (const character of input.replaceAll(keySequence, "").replaceAll(enter, "\n")) {
      if (character === "\u0003") return { echo: `${echo}\n`, end: "stopped" };
      if (character === "\u0004") {
        // On an empty line prompt it means, as everywhere: nothing comes.
        if (this.#end === "lines") return { echo: `${echo}\n`, end: "entered" };
        if (this.text === "") return { echo: `${echo}\n`, end: "stopped" };
      } else if (character === "\n" && this.#end === "line") return { echo: `${echo}\n`, end: "entered" };
      else if (character === "\u007f" || character === "\b") {
        if (this.text !== "") echo += "\b \b";
        this.text = [...this.text].slice(0, -1).join("");
      } else if (character === "\u0015") {
        const line = this.text.slice(this.text.lastIndexOf("\n") + 1);
        echo += "\b \b".repeat([...line].length);
        this.text = this.text.slice(0, this.text.length - line.length);
      } else if (character === "\n" || character === "\t" || !/\p{Cc}/u.test(character)) {
        this.text += character;
        echo += character;
      }
    }
    return { echo };
  }
}
