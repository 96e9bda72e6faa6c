/** What a browser runs: the package's own judge over all its vectors. The verdict is left where the test looks for it. */
import { judge, type Verdict } from "@mayfly/crypto/judge";

type Vectors = Parameters<typeof judge>[0];

const scope = globalThis as { verdict?: Verdict | { thrown: string } };

// Fetched, and not bundled: some vectors hold half of a surrogate pair, which the bundler's own JSON reader refuses.
async function read(name: string): Promise<unknown> {
  return (await fetch(`/${name}.json`)).json();
}

async function run(): Promise<Verdict> {
  const [envelopes, keys, links, refusals, unknowns] = await Promise.all(
    ["envelopes", "keys", "links", "refusals", "unknowns"].map(read),
  );
  return judge({ envelopes, keys, links, refusals, unknowns } as Vectors);
}

run().then(
  (verdict) => {
    scope.verdict = verdict;
  },
  (error: unknown) => {
    scope.verdict = { thrown: String(error) };
  },
);
