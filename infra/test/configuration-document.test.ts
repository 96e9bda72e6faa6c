import { configurationTable } from "@mayfly/config";
import { expect, it } from "vitest";
import { documentFaults, withTable } from "../src/configuration-document.ts";
import { REPOSITORY } from "../src/workspace.ts";
import { planted } from "./planted.ts";

const document = (table: string) =>
  `# Operations\n\n<!-- configuration: written by \`pnpm exec node infra/src/document.ts\` -->\n${table}<!-- /configuration -->\nmore\n`;

it("holds the operator's table equal to the one that is parsed", () => {
  expect(documentFaults(REPOSITORY)).toEqual([]);
});

it("finds a table that says something else", () => {
  const told = withTable(document(""));
  expect(told).toContain(configurationTable());
  expect(documentFaults(planted({ "infra/VARIABLES.md": told }))).toEqual([]);
  expect(documentFaults(planted({ "infra/VARIABLES.md": told.replace("8080", "8081") }))).toHaveLength(1);
});

it("does not mind how wide the formatter makes the columns", () => {
  const told = withTable(document(""));
  const padded = told.replaceAll("---|", " ------------- |").replaceAll(" |", "      |");
  expect(padded).not.toBe(told);
  expect(documentFaults(planted({ "infra/VARIABLES.md": padded }))).toEqual([]);
});

it("keeps what stands around the table, and the table itself when written twice", () => {
  const once = withTable(document("old\n"));
  expect(withTable(once)).toBe(once);
  expect(once.startsWith("# Operations\n")).toBe(true);
  expect(once.endsWith("more\n")).toBe(true);
});

it("refuses a document without a place for the table", () => {
  expect(() => withTable("# Operations\n")).toThrow("no place");
});
