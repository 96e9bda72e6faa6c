import { expect, it } from "vitest";
import { linkFaults, pnpmFaults } from "../src/links.ts";
import { planted } from "./planted.ts";

it("finds a link whose file or heading is not there, and leaves code and other hosts alone", () => {
  const root = planted({
    "README.md":
      '# Top\n[a](apps/a.md#two-words) [b](apps/b.md) [c](#top) [d](#low) <img src="none.png">\n' +
      "[e](https://mayfly.example/x)\n```\n[f](none.md)\n```\n",
    "apps/a.md":
      "## Two words\n## Two words\n[up](../README.md#top) [again](#two-words-1) [down](a.md#three)\n",
  });
  expect(linkFaults(root)).toEqual([
    "README.md: apps/b.md leads nowhere",
    "README.md: #low leads nowhere",
    "README.md: none.png leads nowhere",
    "apps/a.md: a.md#three leads nowhere",
  ]);
});

it("finds a document or workflow that names another pnpm than the one that CI runs", () => {
  const root = planted({
    ".ci/run": "npx pnpm@12.21.0 test\n",
    "README.md": "npx pnpm@12.21.0 start\n",
    "infra/README.md": "npx pnpm@12.20.0 start\n",
    ".github/workflows/a.yml": "run: npx pnpm@11.0.0 test\n",
  });
  expect(pnpmFaults(root)).toEqual([
    "infra/README.md: pnpm must be 12.21.0, as in .ci/run",
    ".github/workflows/a.yml: pnpm must be 12.21.0, as in .ci/run",
  ]);
});
