import { Running } from "@mayfly/lab/running";
import { until } from "@mayfly/lab/until";
import { expect, onTestFinished, test } from "vitest";
import { startKeeping } from "../../src/keeping.ts";
import { startService, startWorker } from "../../src/service.ts";

const SWEEPS = 20;
const LOOPS = 4;

/** From now on each sync of this process takes 5 ms longer, as on a slow disk. */
async function slowDown(pid: number): Promise<void> {
  const delay = "inject=fsync,fdatasync:delay_enter=5000";
  const strace = new Running("strace", ["-f", "-p", String(pid), "-e", "trace=fsync,fdatasync", "-e", delay]);
  onTestFinished(async () => void (await strace.stop()));
  await until(
    () => `strace to be attached: ${strace.output}`,
    () => strace.output.includes("attached"),
  );
}

test("whoever asks /readyz again and again on a slow disk makes no sweep fail", {
  timeout: 180_000,
}, async () => {
  const service = await startService(await startKeeping("sqlite"), {
    env: { MAYFLY_STORE_TIMEOUT_MS: "800" },
  });
  onTestFinished(() => service.stop());
  await slowDown(service.apis[0]?.running.pid ?? 0);

  let asking = true;
  let answered = 0;
  const loops = Array.from({ length: LOOPS }, async () => {
    while (asking) {
      const answer = await fetch(`${service.origin}/readyz`);
      await answer.arrayBuffer();
      answered += 1;
    }
  });
  const said: string[] = [];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    await service.worker.stop();
    service.worker = startWorker(service.keeping, service.env);
    const line = await until(
      () => `a sweep to be over: ${service.worker.output}`,
      () => /sweep_(?:complete|failed)/.exec(service.worker.output)?.[0],
    );
    said.push(line);
  }
  asking = false;
  await Promise.all(loops);
  expect(said).toEqual(Array(SWEEPS).fill("sweep_complete"));
  expect(answered).toBeGreaterThan(SWEEPS);
});
