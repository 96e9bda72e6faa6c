/** What the tests leave on the machine: nothing. Processes and folders end with this process at the latest. */
const removals = new Set<() => void>();

/** Runs at the end of this process at the latest; must be synchronous and must not throw. The answer takes it back. */
export function atExit(removal: () => void): () => void {
  removals.add(removal);
  return () => removals.delete(removal);
}

process.on("exit", () => {
  for (const removal of removals) removal();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
