import { succeeds } from "./command.ts";
import { REPOSITORY, readWorkspace } from "./workspace.ts";

const AT_ONCE = 2;

/**
 * Runs each package's `types` script, two at a time. Prints the compiler's errors. Returns whether all
 * passed.
 */
export async function typesHold(say: (line: string) => void): Promise<boolean> {
  const waiting = readWorkspace(REPOSITORY).filter(({ folder }) => folder !== "");
  let hold = true;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const script = next.manifest.scripts?.types;
      if (script === undefined) {
        say(`${next.folder}: no "types" script`);
        hold = false;
      } else if (!(await succeeds("sh", ["-c", script], say, { folder: next.folder }))) {
        hold = false;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return hold;
}
