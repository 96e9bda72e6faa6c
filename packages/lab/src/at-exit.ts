/** Tests leave nothing on the machine: their processes and folders end with this process at the latest. */
const removals = new Set<() => void>();

/** Runs `removal` when this process exits. It must be synchronous and must not throw. Returns a function that cancels it. */
export function atExit(removal: () => void): () => void {
  removals.add(removal);
  return () => removals.delete(removal);
}

process.on("exit", () => {
  for (const removal of removals) removal();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
