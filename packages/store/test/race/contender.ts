/**
 * One of the two processes of the race. Arguments: the store's options as JSON, which open to use, the contender's number.
 * For each order it lets its openers loose in one tick and reports what they were told; it ends when its parent lets go.
 */
import { createHash, randomBytes } from "node:crypto";
import { type OpenAnswer, type Opening, openStore, type StoreOptions } from "../../src/index.ts";
import { readThenDelete } from "./read-then-delete.ts";

export interface Order {
  readonly id: string;
  /** base64 */
  readonly link: string;
}

export interface Report {
  /** The claims that got bytes, and the SHA-256 of those, in base64. */
  readonly opened: readonly { readonly claim: string; readonly digest: string }[];
  readonly gone: number;
  readonly failed: number;
}

const OPENERS = 25;

const options = JSON.parse(process.argv[2] ?? "") as StoreOptions;
const store = await openStore(options);
const wrong = process.argv[3] === "read-then-delete" ? readThenDelete(options) : null;
const open = wrong?.open ?? ((opening: Opening) => store.open(opening));

process.on("message", (order: Order) => void contend(order));
process.on("disconnect", async () => {
  wrong?.close();
  await store.close();
});
process.send?.({ opened: [], gone: 0, failed: 0 } satisfies Report);

async function contend({ id, link }: Order): Promise<void> {
  const claims = Array.from({ length: OPENERS }, () => randomBytes(32));
  const linkHash = Buffer.from(link, "base64");
  const answers = await Promise.allSettled(
    claims.map((claim) => open({ id, link: linkHash, passphrase: null, claim, attempt: randomBytes(16) })),
  );
  const told = answers.map((answer) => (answer.status === "fulfilled" ? answer.value : null));
  const report: Report = {
    opened: told.flatMap((answer, i) => winner(answer, claims[i])),
    gone: told.filter((answer) => answer?.outcome === "gone").length,
    failed: told.filter((answer) => answer?.outcome !== "gone" && answer?.outcome !== "opened").length,
  };
  process.send?.(report);
}

function winner(answer: OpenAnswer | null, claim: Buffer | undefined): Report["opened"] {
  if (answer?.outcome !== "opened" || !claim) return [];
  const digest = createHash("sha256").update(answer.part).digest("base64");
  return [{ claim: claim.toString("base64"), digest }];
}
