import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCollector } from "../../src/output/collector.ts";
import type { Target } from "../../src/output/target.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mayfly-collector-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const filesOf = (...files: [name: string, size: number][]) => ({
  kind: "files" as const,
  files: files.map(([name, size]) => ({ name, type: "", size })),
});
const there = () => readdirSync(folder).sort();
const content = (name: string) => readFileSync(join(folder, name), "utf8");
const into = (): Target => ({ kind: "folder", path: folder });
const total = ({ files }: ReturnType<typeof filesOf>) => files.reduce((sum, { size }) => sum + size, 0);

async function begun(meta: ReturnType<typeof filesOf>, target: Target, printed = false) {
  const collector = createCollector(target, printed);
  await collector.begin?.(meta, total(meta));
  return collector;
}

test("files are cut out of pieces that know nothing of them", async () => {
  const collector = await begun(filesOf(["empty", 0], ["a", 3], ["none", 0], ["b", 5], ["end", 0]), into());
  for (const piece of ["12", "3abc", "de"]) await collector.write(bytes(piece));
  expect(there().every((name) => name.endsWith(".part"))).toBe(true);
  expect(collector.collected).toBeUndefined();
  await collector.commit?.();
  expect(there()).toEqual(["a", "b", "empty", "end", "none"]);
  expect([content("a"), content("b"), content("end")]).toEqual(["123", "abcde", ""]);
  expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o600);
  expect(collector.collected).toMatchObject({ kind: "files", saved: { length: 5 } });
});

test("files of one name, and of the name of one that is there, stand beside each other", async () => {
  writeFileSync(join(folder, "x.txt"), "old");
  const collector = await begun(filesOf(["x.txt", 1], ["x.txt", 1]), into());
  await collector.write(bytes("12"));
  await collector.commit?.();
  expect(there()).toEqual(["x (2).txt", "x (3).txt", "x.txt"]);
  expect([content("x.txt"), content("x (2).txt"), content("x (3).txt")]).toEqual(["old", "1", "2"]);
});

test("nothing is left of what has begun and does not come to its end", async () => {
  for (const target of [into(), { kind: "file", path: join(folder, "one"), replaced: false } as const]) {
    const collector = await begun(filesOf(["a", 3], ["b", 3]), target);
    await collector.write(bytes("1234"));
    expect(there()).not.toEqual([]);
    await collector.abort?.(new Error("stopped"));
    expect(there()).toEqual([]);
    expect(collector.collected).toBeUndefined();
  }
});

test("a file that may be replaced is replaced whole, and otherwise keeps its place and its name", async () => {
  const path = join(folder, "there");
  writeFileSync(path, "old");
  chmodSync(path, 0o644);
  const aside = await begun(filesOf(["a", 3]), { kind: "file", path, replaced: false });
  await aside.write(bytes("new"));
  await aside.commit?.();
  expect([content("there"), content("there (2)")]).toEqual(["old", "new"]);

  const over = await begun(filesOf(["a", 3]), { kind: "file", path, replaced: true });
  await over.write(bytes("new"));
  expect(content("there")).toBe("old");
  await over.commit?.();
  expect(content("there")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("one file that may be printed is held, and touches no disk", async () => {
  const collector = await begun(filesOf(["a", 3]), { kind: "usual" }, true);
  await collector.write(bytes("123"));
  expect(collector.collected).toBeUndefined();
  await collector.commit?.();
  expect(collector.collected).toEqual({ kind: "files", held: bytes("123") });
  expect(there()).toEqual([]);
});

test("a place that is gone is a fault that names it not", async () => {
  const collector = createCollector({ kind: "folder", path: join(folder, "gone") }, false);
  await collector.begin?.(filesOf(["a", 1]), 1);
  await expect(collector.write(bytes("1"))).rejects.toThrow(/^The secret could not be written \(ENOENT\)\.$/);
});
