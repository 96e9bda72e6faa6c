import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** Every specifier that is resolved while the entry is imported in a process of its own. */
function imported(entry: string): string[] {
  const program = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(specifier, context, next) { seen.push(specifier); return next(specifier, context); } });
    await import(${JSON.stringify(new URL(entry, import.meta.url).href)});
    console.log(JSON.stringify(seen.slice(1)));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  return JSON.parse(output);
}

describe("what a page bundles", () => {
  it.each(["../src/index.ts", "../src/faults.ts"])(
    "%s imports nothing but files of its own at run time",
    (entry) => {
      for (const specifier of imported(entry)) expect(specifier).toMatch(/^\.\/[\w-]+\.ts$/);
    },
  );

  it("is seen by this check when it does import a package", () => {
    expect(imported("../src/schemas.ts")).toContain("typebox");
  });
});
