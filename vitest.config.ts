import { defineConfig } from "vitest/config";

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
          // Against hanging, not a statement about speed: a machine may be busy.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Whole programs and browsers: one file at a time, so that they do not fight for two cores.
        test: {
          name: "e2e",
          include: ["apps/e2e/test/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
