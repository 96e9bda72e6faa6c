import { expect, test, vi } from "vitest";
import { sleepUntil } from "../../src/routes/not-found-delay.ts";

test("settles at its moment, not before, whatever runs meanwhile", async () => {
  const began = performance.now();
  const dues = [0, 0.4, 2, 7.3].map((ms) => began + ms);
  const settled = await Promise.all(
    dues.map(async (due) => {
      await sleepUntil(due);
      return performance.now();
    }),
  );
  for (const [number, at] of settled.entries()) expect(at).toBeGreaterThanOrEqual(dues[number] ?? 0);
});

/** How often the event loop turned during a wait of five milliseconds. */
async function turnsOfWait(): Promise<number> {
  let turns = 0;
  let over = false;
  const count = () => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await sleepUntil(performance.now() + 5);
  over = true;
  return turns;
}

test("lets the event loop go on while it waits", async () => {
  // On a busy machine this process may not run at all during one wait.
  await vi.waitUntil(async () => (await turnsOfWait()) > 1, { timeout: 20_000 });
});

test("settles at once when its moment is over", async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await sleepUntil(performance.now() - 1);
  expect(turned).toBe(false);
});
