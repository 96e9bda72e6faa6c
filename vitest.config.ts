import { defineConfig } from "vitest/config";

/** What is random, long or judges times: `pnpm nightly` runs it, the gate does not. */
const NIGHTLY = ["**/test/nightly/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          setupFiles: ["infra/test/fixed-seed.ts"],
          include: [
            "packages/*/test/**/*.test.ts",
            "apps/{api,cli,worker,web}/test/**/*.test.ts",
            "infra/test/**/*.test.ts",
          ],
          exclude: NIGHTLY,
          // One fewer than there are cores by default. Half of the time is spent waiting for disks and servers.
          maxWorkers: 2,
          // Against hanging, not a statement about speed: a machine may be busy.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Whole programs and browsers. They wait more than they work, so that two files at a time fit on two cores.
        test: {
          name: "e2e",
          globalSetup: ["infra/test/built-page.ts"],
          include: ["apps/e2e/test/**/*.test.ts"],
          exclude: NIGHTLY,
          maxWorkers: 2,
          // As above; a passphrase alone takes a busy machine ten seconds.
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        // One file at a time: nothing besides may take the time that is judged.
        test: {
          name: "nightly",
          include: NIGHTLY,
          fileParallelism: false,
        },
      },
    ],
  },
});
