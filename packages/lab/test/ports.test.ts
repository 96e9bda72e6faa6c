import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { freePort, isFree, listen } from "../src/ports.ts";

it("finds a port that nobody listens on, and tells when somebody does", async () => {
  const port = await freePort();
  expect(await isFree(port)).toBe(true);
  const server = createServer();
  onTestFinished(() => void server.close());
  expect(await listen(server, port)).toBe(port);
  expect(await isFree(port)).toBe(false);
});
