import { expect, test } from "vitest";
import { safeOrigin } from "../src/server.ts";

test.each([
  "https://mayfly.example",
  "https://mayfly.example/",
  "https://mayfly.example:8443",
  "http://localhost:8080",
  "http://mayfly.localhost",
  "http://127.0.0.1:8080",
  "http://[::1]:8080",
])("talks to %s", (address) => {
  expect(safeOrigin(address, false)).toBe(address.replace(/\/$/, ""));
});

test.each([
  "http://mayfly.example",
  "http://10.0.0.1",
  "http://127.0.0.1.example",
  "http://localhost.example",
])("talks to %s only when that was allowed", (address) => {
  expect(() => safeOrigin(address, false)).toThrow("plain http");
  expect(safeOrigin(address, true)).toBe(address);
});

test.each([
  "mayfly.example",
  "https://mayfly.example/path",
  "https://mayfly.example/?q",
  "https://user:word@mayfly.example",
  "ftp://mayfly.example",
  "",
])("does not take %j for a service, and does not repeat it", (address) => {
  expect(() => safeOrigin(address, true)).toThrow(/^The service is named by its origin alone/);
});
