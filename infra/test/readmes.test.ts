import { expect, it } from "vitest";
import { readmeFaults } from "../src/readmes.ts";
import { planted } from "./planted.ts";

it("finds a README of more than 120 lines and each line of more than 100 columns, in our own folders alone", () => {
  const root = planted({
    "README.md": `${"x\n".repeat(119)}${"é".repeat(100)}\n`,
    "apps/api/README.md": "x\n".repeat(121),
    "packages/wire/README.md": `short\n${"x".repeat(101)}\n`,
    "packages/wire/SPEC.md": `${"x".repeat(300)}\n`.repeat(200),
    "packages/wire/node_modules/other/README.md": "x\n".repeat(500),
  });
  expect(readmeFaults(root)).toEqual([
    "apps/api/README.md: 121 lines, 120 at most",
    "packages/wire/README.md:2: 101 columns, 100 at most",
  ]);
});
