import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";

const noFile = () => "";
const MIB = 2 ** 20;

test.each([
  ["an eighth of the store", 800 * MIB, 50 * MIB, 100 * MIB],
  ["the largest envelope, where that is more", 800 * MIB, 300 * MIB, 300 * MIB],
  ["half of the store at most", 800 * MIB, 700 * MIB, 400 * MIB],
])("lets a client deposit in an hour %s, unless it is told", (_what, capacity, envelope, bytes) => {
  const environment = {
    MAYFLY_STORE_MAX_BYTES: String(capacity),
    MAYFLY_ENVELOPE_MAX_BYTES: String(envelope),
  };
  expect(readConfig(environment, noFile).clientBytesPerHour).toBe(bytes);
  const told = readConfig({ ...environment, MAYFLY_CLIENT_BYTES_PER_HOUR: "123456" }, noFile);
  expect(told.clientBytesPerHour).toBe(123_456);
});
