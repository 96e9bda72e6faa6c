import { until } from "@mayfly/lab/until";
import { expect, test } from "vitest";
import { keepings, startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { startService } from "../../src/service.ts";
import { crowd, json } from "./crowd.ts";
import { opening, protect } from "./sender.ts";

test.each(keepings)(
  "over %s, an address that has used up its reads may repeat the one it has, and acknowledge it",
  async (kind) => {
    const service = await startService(await startKeeping(kind), { env: { MAYFLY_RATE_LIMITS: "on" } });
    const clients = crowd(service.origin, 4);
    try {
      const [sent, other] = [await protect(clients), await protect(clients)];
      const claim = newClaim();
      const read = await until("a read", async () => {
        const answer = await clients.ask(opening(sent, claim));
        return answer.status === 200 && answer;
      });
      const refused = await until("a refusal", async () => {
        const { 429: some = 0 } = await clients.askMany(100, () =>
          opening({ ...other, linkProof: newClaim() }, newClaim()),
        );
        return some > 0;
      });
      expect(refused).toBe(true);
      expect((await clients.insist(opening(other, newClaim()))).status).toBe(429);
      const again = await clients.insist(opening(sent, claim));
      expect([again.status, again.body.equals(read.body)]).toEqual([200, true]);
      const path = `/api/v1/secrets/${sent.id}/acknowledge`;
      expect((await clients.insist(json(path, { claim }))).status).toBe(204);
      expect((await clients.insist(json(path, { claim }))).status).toBe(429);
    } finally {
      clients.leave();
      await service.stop();
    }
  },
);
