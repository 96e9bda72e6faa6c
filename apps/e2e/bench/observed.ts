/** Loaded before a measured program: collects garbage and tells its memory at each SIGUSR2. Wants `--expose-gc`. */
process.on("SIGUSR2", () => {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heapUsed, external });
});
