import { expect, test } from "vitest";
import { createLog } from "../src/log.ts";

test("writes one JSON line for an event", () => {
  const lines: string[] = [];
  createLog("api", "info", (line) => lines.push(line)).warn("halted", { code: "stale" });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith("\n")).toBe(true);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "warn",
    program: "api",
    event: "halted",
    code: "stale",
  });
});

test("drops what is below its level", () => {
  const lines: string[] = [];
  const log = createLog("api", "warn", (line) => lines.push(line));
  log.info("listening");
  log.warn("halted");
  log.error("request_failed");
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(["halted", "request_failed"]);
});
