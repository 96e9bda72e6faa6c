import type { ClientErrorCode } from "@mayfly/client";
import { expect, test } from "vitest";
import { waitingFor } from "../../src/output/waiting.ts";

const at = "2030-01-01T00:00:00.000Z";

test.each<[ClientErrorCode, RegExp]>([
  ["unavailable", /^The service cannot do this right now\. Trying again until /],
  ["timeout", /^The last request did not reach the service in time\. Trying again until /],
  ["offline", /^The service could not be reached, or its answer was lost\. Trying again until /],
])("after %s, is told what is known of the last try", (code, sentence) => {
  expect(waitingFor({ code, since: at, until: at })).toMatch(sentence);
});

test("a halted service is waited for without a time", () => {
  const told = waitingFor({ code: "halted", since: at, until: null });
  expect(told).toBe("The service is halted. Trying again until it accepts again.");
});
