/**
 * What a module imports, read from its text: `import … from`, `export … from`, bare `import "…"`, `import("…")`,
 * `require("…")`, `import.meta.resolve("…")`, `new URL("….ts", import.meta.url)` and type imports.
 * Comments are left out; a specifier put together at run time is not seen.
 */
export function importsOf(source: string): readonly string[] {
  const code = withoutComments(source);
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[2] ?? ""));
}

const quoted = String.raw`(["'\x60])([^"'\x60\n]+)\1`;

const patterns = [
  new RegExp(String.raw`\b(?:import|export)\b(?:\s+type\b)?[\s\w$*{},]*?\bfrom\s*${quoted}`, "g"),
  new RegExp(String.raw`\bimport\s*${quoted}`, "g"),
  new RegExp(String.raw`\b(?:import|require|resolve)\s*\(\s*${quoted}`, "g"),
  // A worker or a child program named by its place.
  /\bnew URL\(\s*(["'])(\.[^"'\n]+\.[mc]?[jt]sx?)\1/g,
];

/** Blanks out comments; strings and their quotes stay, so that `"https://…"` is not taken for a comment. */
export function withoutComments(source: string): string {
  return source.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_all, text: string | undefined) => text ?? " ",
  );
}
