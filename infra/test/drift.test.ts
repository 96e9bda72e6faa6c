import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { lengthFaults, licenseFaults, versionFaults } from "../src/drift.ts";
import { planted } from "./planted.ts";

describe("the versions check", () => {
  it("finds a version outside the catalogue, in the root and in every kind of dependency", () => {
    const root = planted({
      "package.json": { name: "mayfly", devDependencies: { vitest: "^5.1.0" } },
      "apps/api/package.json": {
        name: "@mayfly/api",
        dependencies: { fastify: "catalog:", "@mayfly/wire": "workspace:*", ioredis: "github:some/body" },
        optionalDependencies: { uqr: "0.1.3" },
      },
    });
    expect(versionFaults(root)).toEqual([
      'package.json: vitest must say "catalog:" or "workspace:*"',
      'apps/api/package.json: ioredis must say "catalog:" or "workspace:*"',
      'apps/api/package.json: uqr must say "catalog:" or "workspace:*"',
    ]);
  });
});

it("finds a package without the licence, or with another", () => {
  const root = planted({
    "package.json": { name: "mayfly", license: "Apache-2.0" },
    "apps/api/package.json": { name: "@mayfly/api" },
    "packages/wire/package.json": { name: "@mayfly/wire", license: "MIT" },
  });
  expect(licenseFaults(root)).toEqual([
    'apps/api/package.json: license must be "Apache-2.0"',
    'packages/wire/package.json: license must be "Apache-2.0"',
  ]);
});

describe("the length check", () => {
  const lines = (count: number) => "x\n".repeat(count);

  it("finds a file over 400 lines, committed or not, and leaves alone what nobody writes by hand", () => {
    const root = planted({
      "apps/a.md": lines(400),
      "apps/b.md": lines(401),
      "packages/crypto/vectors/links.json": lines(900),
      "packages/crypto/python/a.py": lines(402),
      "packages/crypto/src/linted.ts": lines(402),
      "pnpm-lock.yaml": lines(900),
      "apps/generated/c.md": lines(900),
      "ignored/d.md": lines(900),
      "picture.bin": `\0${lines(900)}`,
      ".gitignore": "ignored/\n",
    });
    execFileSync("git", ["init", "-q"], { cwd: root });
    execFileSync("git", ["add", "apps/b.md"], { cwd: root });
    expect(lengthFaults(root)).toEqual([
      "apps/b.md: 401 lines, 400 at most",
      "packages/crypto/python/a.py: 402 lines, 400 at most",
    ]);
  });
});
