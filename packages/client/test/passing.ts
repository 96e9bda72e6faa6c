import { expect, vi } from "vitest";

/** Lets the client's time pass in steps of a tenth of a second, each with a turn for the sockets, until `work` is done. */
export async function passing<T>(
  work: Promise<T>,
): Promise<{ result: T | { code: string }; seconds: number }> {
  const began = performance.now();
  let settled: { result: T | { code: string } } | undefined;
  work.then(
    (result) => (settled = { result }),
    (error) => (settled = { result: error }),
  );
  for (let turn = 0; !settled; turn++) {
    if (turn > 100_000) expect.unreachable("it never ended");
    await new Promise((resolve) => setImmediate(resolve));
    // Sockets need many turns for one exchange: time stands still while bytes are on their way.
    if (turn % 20 === 19) await vi.advanceTimersByTimeAsync(100);
  }
  return { ...settled, seconds: (performance.now() - began) / 1000 };
}
