import { expect } from "vitest";

/** What `work` throws. */
export function failure(work: Promise<unknown>): Promise<Error & { code?: string; reason?: string }> {
  return work.then(
    () => expect.unreachable("it worked"),
    (error: unknown) => error as Error & { code?: string; reason?: string },
  );
}
