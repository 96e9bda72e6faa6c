import { describe } from "vitest";

/** One suite for each of `kinds`, all at a time, since they mostly wait; the tests of each one after another. */
export function sideBySide<T extends string>(
  kinds: readonly T[],
  title: string,
  tests: (kind: T) => void,
): void {
  describe.each(kinds)(title, { concurrent: true }, (kind) => {
    describe("in order", { concurrent: false }, () => tests(kind as T));
  });
}
