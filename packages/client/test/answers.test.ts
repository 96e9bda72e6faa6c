import { expect, test } from "vitest";
import { depositedAnswer } from "../src/answers.ts";
import { createClient } from "../src/index.ts";
import { startTinyService } from "./tiny-service.ts";

test("an answer that names every second of 16,384 parts as missing is understood", async () => {
  const content = new Uint8Array(15_800);
  const fine = await startTinyService(1);
  const client = createClient({ server: fine.origin });
  const runs = Array.from({ length: 1000 }, (_, index) => [2 * index + 1, 2 * index + 1]);
  fine.control.fault = (seen, response) => {
    if (seen.method !== "PUT") return "serve";
    const more = seen.url.endsWith("/0");
    const answer = more
      ? { state: "reserved", missing: runs }
      : { state: "live", expiresAt: "2030-01-02T03:04:05.000Z" };
    response.writeHead(more ? 200 : 201).end(JSON.stringify(answer));
    return "answered";
  };
  const counts: number[] = [];
  const { expiresAt } = await client.protect(
    { meta: { kind: "text" }, content },
    {
      lifetime: 3600,
      reads: 1,
      onProgress: (told) => told.step === "storing" && counts.push(told.deposited, told.parts),
    },
  );
  expect(expiresAt).toBe("2030-01-02T03:04:05.000Z");
  expect(counts.slice(2, 4)).toEqual([1, counts[1]]);
  await fine.stop();
});

test.each([
  [[]],
  [[[0]]],
  [[0]],
  [[[1, 0]]],
  [[[0, 3]]],
  [
    [
      [1, 1],
      [0, 0],
    ],
  ],
])("missing parts that cannot be right, such as %j, are a bad answer", (missing) => {
  expect(() => depositedAnswer({ state: "reserved", missing }, 3)).toThrow("bad_answer");
});
