import { expect, test } from "vitest";
import { fieldsOf, fieldsSecret, textOf, textSecret } from "../src/index.ts";

test("a login keeps its named texts in their order", () => {
  const secret = fieldsSecret("login", { username: "ada", password: "h2ö", note: "" });
  expect(Object.entries(fieldsOf(secret) ?? {})).toEqual([
    ["username", "ada"],
    ["password", "h2ö"],
    ["note", ""],
  ]);
  expect(textOf(secret)).toBeNull();
  expect(fieldsOf(textSecret("x"))).toBeNull();
});

test("a name that is none is refused", () => {
  expect(() => fieldsSecret("contact", { "e-mail": "x" })).toThrow("fields");
});
