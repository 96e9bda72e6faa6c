import { expect, test } from "vitest";
import { Fault } from "../src/fault.ts";
import { parseInvocation } from "../src/invocation.ts";

test("options come long, short, joined or apart, and some come often", () => {
  const parsed = parseInvocation(["protect", "-f", "a", "--file=b", "-e1h", "--reads", "unlimited", "-g"]);
  expect(parsed.values("file")).toEqual(["a", "b"]);
  expect([parsed.value("expires"), parsed.value("reads"), parsed.has("generate")]).toEqual([
    "1h",
    "unlimited",
    true,
  ]);
});

test.each([["open"], ["status"], ["burn"]])("%s takes one link", (command) => {
  expect(parseInvocation([command, "LINK"]).operand).toBe("LINK");
  expect(() => parseInvocation([command, "LINK", "LINK"])).toThrow(/takes one/);
});

test("standard output is a value, and the next option is none", () => {
  expect(parseInvocation(["open", "--output", "-"]).value("output")).toBe("-");
  expect(() => parseInvocation(["open", "--output", "--yes"])).toThrow("--output needs a value");
  expect(() => parseInvocation(["open", "--output"])).toThrow("--output needs a value");
});

test.each([[[]], [["--help"]], [["-h"]]])("%j asks for help", (argv) => {
  expect(parseInvocation(argv)).toMatchObject({ command: "help", operand: undefined });
});

test("help of a command is help, whatever else is there", () => {
  expect(parseInvocation(["protect", "--reads", "x", "-h"])).toMatchObject({
    command: "help",
    operand: "protect",
  });
});

test.each([
  [["hunter2"]],
  [["protect", "hunter2"]],
  [["protect", "--", "hunter2"]],
  [["protect", "--passphrase=hunter2"]],
  [["protect", "--passphrase", "hunter2"]],
  [["protect", "--hunter2"]],
  [["protect", "--reads", "1", "--reads", "hunter2"]],
  [["service", "hunter2"]],
  [["open", "--json=hunter2"]],
])("refuses %j, and does not repeat what stood there", (argv) => {
  const refuse = () => parseInvocation(argv);
  expect(refuse).toThrow(Fault);
  expect(refuse).toThrow(/^(?!.*hunter2)/s);
});
