import { fieldsSecret, textSecret } from "@mayfly/client";
import { expect, test } from "vitest";
import { bytesOf, isReadable, jsonOf } from "../../src/output/printed.ts";

const held = (secret: ReturnType<typeof textSecret>) => ({
  kind: secret.meta.kind,
  held: new Uint8Array(secret.content),
});
const login = held(fieldsSecret("login", { service: "db", username: "root", password: "hunter2" }));

test("named fields are printed as lines, and told as fields", () => {
  expect(new TextDecoder().decode(bytesOf(login))).toBe("service: db\nusername: root\npassword: hunter2\n");
  expect(jsonOf(login)).toEqual({
    kind: "login",
    fields: { service: "db", username: "root", password: "hunter2" },
  });
});

test("fields of no known form are printed as they are, rather than lost", () => {
  const odd = { kind: "contact", held: new TextEncoder().encode("{no fields") } as const;
  expect(bytesOf(odd)).toEqual(odd.held);
  expect(jsonOf(odd)).toEqual({ kind: "contact", text: "{no fields" });
});

test("a secret of an unknown kind is bytes, even where they are a text", () => {
  const unknown = { kind: "unknown", held: new TextEncoder().encode("{}") } as const;
  expect(isReadable(unknown)).toBe(false);
  expect(bytesOf(unknown)).toEqual(unknown.held);
  expect(jsonOf(unknown)).toEqual({ kind: "unknown", text: "{}" });
});

test("what is no text is base64 in JSON", () => {
  expect(jsonOf({ kind: "files", held: Uint8Array.of(255, 254) })).toEqual({ kind: "files", base64: "//4=" });
  expect(jsonOf(held(textSecret("ä")))).toEqual({ kind: "text", text: "ä" });
});
