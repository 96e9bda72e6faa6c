import { expect, test } from "vitest";
import type { Io } from "../../src/io.ts";
import { qrCode, takesColour } from "../../src/output/qr.ts";

const around = (isTTY: boolean, env: Io["env"]) => ({ stderr: { isTTY }, env }) as unknown as Io;

test("colours go to a terminal that obeys them, unless somebody wants none", () => {
  expect(takesColour(around(true, { TERM: "xterm" }))).toBe(true);
  expect(takesColour(around(true, { TERM: "xterm", NO_COLOR: "" }))).toBe(true);
  expect(takesColour(around(true, { TERM: "xterm", NO_COLOR: "1" }))).toBe(false);
  expect(takesColour(around(true, { TERM: "dumb" }))).toBe(false);
  expect(takesColour(around(false, { TERM: "xterm" }))).toBe(false);
});

test("the code is the same with colours and without, and fits 80 columns for a link", () => {
  const link = `https://mayfly.example/s#${"x".repeat(72)}`;
  const plain = qrCode(link, false);
  expect(plain).not.toContain("\x1b");
  expect(qrCode(link, true).replaceAll("\x1b[97;40m", "").replaceAll("\x1b[0m", "")).toBe(plain);
  for (const line of plain.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
});
