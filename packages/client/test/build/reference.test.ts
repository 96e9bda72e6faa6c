import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { declarationsIn } from "../../build/declarations.ts";
import { reference } from "../../build/reference.ts";

test("the reference is what the code says now: else run node build/write-reference.ts", async () => {
  const written = await readFile(new URL("../../generated/REFERENCE.md", import.meta.url), "utf8");
  expect(written).toBe(await reference());
});

test("a declaration is read with its comment and all of its lines", () => {
  const text = `/** One. */
interface One {
  /** A field. */
  a: A;
}
declare const hidden: readonly ["x"];
/**
 * Two,
 * in two lines.
 */
export declare function two(one: One, { a }?: {
  a?: A;
}): Promise<void>;
type Three = "a" | "b";
export type { One, Three };
`;
  expect(declarationsIn(text)).toEqual([
    {
      name: "One",
      comment: "/** One. */",
      statement: "interface One {\n  /** A field. */\n  a: A;\n}",
      exported: true,
    },
    { name: "hidden", comment: "", statement: 'declare const hidden: readonly ["x"];', exported: false },
    {
      name: "two",
      comment: "/**\n * Two,\n * in two lines.\n */",
      statement: "declare function two(one: One, { a }?: {\n  a?: A;\n}): Promise<void>;",
      exported: true,
    },
    { name: "Three", comment: "", statement: 'type Three = "a" | "b";', exported: true },
  ]);
});
