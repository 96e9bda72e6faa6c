import { expect, test } from "vitest";
import { configurationTable } from "../src/documentation.ts";
import { variables } from "../src/variables.ts";

test("has one row for every variable, with its default and its meaning", () => {
  const rows = configurationTable().trim().split("\n").slice(2);
  expect(rows).toHaveLength(Object.keys(variables).length);
  for (const [name, variable] of Object.entries(variables)) {
    const row = rows.find((each) => each.startsWith(`| \`${name}\``));
    expect(row).toContain(variable.doc);
  }
});
