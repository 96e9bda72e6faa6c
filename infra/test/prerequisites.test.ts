import { expect, it } from "vitest";
import { missing } from "../src/prerequisites.ts";

it("names what the system lacks, and only that", async () => {
  const names = await missing([
    { packageName: "there", probe: [process.execPath, "-e", ""] },
    { packageName: "broken", probe: [process.execPath, "-e", "process.exit(1)"] },
    { packageName: "absent", probe: ["/nowhere/at/all"] },
  ]);
  expect(names).toEqual(["broken", "absent"]);
});
