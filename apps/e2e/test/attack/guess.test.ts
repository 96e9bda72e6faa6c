import { randomBytes } from "node:crypto";
import { createClient, textOf, textSecret } from "@mayfly/client";
import { residentBytes } from "@mayfly/lab/processes";
import { expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { type Api, startService } from "../../src/service.ts";
import { sideBySide } from "../side-by-side.ts";
import { ATTACK_MS, GUESSES } from "./counts.ts";
import { type Asking, crowd, json } from "./crowd.ts";
import { holdings } from "./holdings.ts";

/** Until the process has its usual size. */
const FIRST_GUESSES = 4_000;
const CONNECTIONS = 32;
/** What the collector may leave lying; five kilobytes kept of each of twenty thousand would be more. */
const MOST_GROWTH_BYTES = 96 * 1024 * 1024;

const READS_PER_MINUTE = 240;

const guess = (): Asking =>
  json(`/api/v1/secrets/${randomBytes(16).toString("base64url")}/open`, {
    linkProof: newClaim(),
    claim: newClaim(),
  });

sideBySide(keepings, "over %s, a flood of guesses", (kind) => {
  test("is answered 404 each time, and nothing grows by it", { timeout: ATTACK_MS }, async () => {
    const service = await startService(await startKeeping(kind));
    const [api] = service.apis as [Api];
    const guessers = crowd(service.origin, CONNECTIONS);
    try {
      const client = createClient({ server: service.origin });
      const { link } = await client.protect(textSecret("kept"), { lifetime: 300, reads: 1 });
      await guessers.askMany(FIRST_GUESSES, guess);
      const [held, memory] = [await holdings(service.keeping), residentBytes(api.running.pid)];
      // On a machine that cannot keep up, some are refused before anything was looked for.
      const { 404: heard = 0, 503: shed = 0 } = await guessers.askMany(GUESSES, guess);
      expect(heard + shed).toBe(GUESSES);
      expect(heard).toBeGreaterThan(shed);
      expect(await holdings(service.keeping)).toEqual(held);
      expect(residentBytes(api.running.pid) - memory).toBeLessThan(MOST_GROWTH_BYTES);
      expect(textOf((await client.open(link)).secret)).toBe("kept");
    } finally {
      guessers.leave();
      await service.stop();
    }
  });

  test("is stopped by the limit, which keeps one counter for all of it", { timeout: 180_000 }, async () => {
    const service = await startService(await startKeeping(kind), { env: { MAYFLY_RATE_LIMITS: "on" } });
    const guessers = crowd(service.origin, CONNECTIONS);
    try {
      await guessers.ask(guess());
      const held = await holdings(service.keeping);
      const { 404: heard = 0, 429: refused = 0, 503: shed = 0 } = await guessers.askMany(2_000, guess);
      expect(heard + refused + shed).toBe(2_000);
      expect(refused).toBeGreaterThan(0);
      // A second window may have begun meanwhile.
      expect(heard).toBeLessThanOrEqual(2 * READS_PER_MINUTE);
      expect(await holdings(service.keeping)).toEqual(held);
    } finally {
      guessers.leave();
      await service.stop();
    }
  });
});
