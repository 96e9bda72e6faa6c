import type { Commits, Step, Turn } from "./commits.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";

/** The most that is destroyed in one transaction: zeroing is a write, and nobody else gets a turn meanwhile. */
const BYTES_PER_STEP = 4 * 1024 * 1024;

/** Parts of a secret that has ended already: out of everyone's reach, and to be destroyed before its ending is answered. */
export interface Remains {
  readonly secret: number;
  readonly partsPerStep: number;
}

/** Destroys a secret's parts in this transaction, or leaves them as remains when they are too many bytes for one. */
export function destroyParts(turn: Turn, secret: number, bytes: number, partBytes: number): void {
  if (bytes <= BYTES_PER_STEP) {
    turn.sql.deleteParts.run(...range(secret));
    return;
  }
  turn.remains.push({ secret, partsPerStep: Math.max(1, Math.floor(BYTES_PER_STEP / partBytes)) });
}

/** Takes up again what an ending left behind that failed half-way. */
export function takeUpRemains(turn: Turn, secret: number): void {
  if (turn.sql.anyPart.get(...range(secret))) turn.remains.push({ secret, partsPerStep: 1 });
}

/**
 * Runs a step that may end secrets, and answers when nothing of them is left. What a crash leaves behind is an orphan for the
 * next sweep; numbers of secrets are never used again, so that nothing else can be meant by it.
 */
export async function runEnding<Answer>(commits: Commits, step: Step<Answer>): Promise<Answer> {
  const { answer, remains } = await commits.run((turn) => {
    turn.remains = [];
    return { answer: step(turn), remains: turn.remains };
  });
  for (const { secret, partsPerStep } of remains) {
    const destroy = (turn: Turn) => turn.sql.deleteSomeParts.run(...range(secret), partsPerStep).changes;
    while ((await commits.run(destroy)) !== 0);
  }
  return answer;
}

function range(secret: number): [from: number, to: number] {
  return [secret * PARTS_PER_SECRET, (secret + 1) * PARTS_PER_SECRET];
}
