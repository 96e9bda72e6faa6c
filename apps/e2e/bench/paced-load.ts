/** Lifecycles that begin at random moments at a given rate, whether or not the server keeps up. */
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { newLife, type Sent, traffic } from "./secret-traffic.ts";

export interface PacedLoad {
  /** Milliseconds of each request, from when it was sent to its last byte. */
  readonly latencies: readonly number[];
  /** How late lifecycles began, because this process had not got to them: milliseconds. */
  readonly lateness: readonly number[];
  /** Lifecycles that the service would not go on with, because it was overloaded. Their refusals are among the latencies. */
  readonly refused: number;
}

/**
 * Who waits for no answer before the next lifecycle begins omits no slow one: a server that stands still for a second is met by a
 * second's arrivals, each of which has its wait counted. autocannon's own rate would not do: each of its connections sends a
 * second's worth at once and then rests, and it counts in whole milliseconds (9.0.0).
 */
export async function pacedLoad(
  origin: string,
  envelope: Buffer,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<PacedLoad> {
  const agent = new Agent({ keepAlive: true });
  const steps = traffic(envelope);
  const [latencies, lateness]: [number[], number[]] = [[], []];
  let refused = 0;
  const live = async () => {
    const life = newLife();
    for (const step of steps) {
      const begun = performance.now();
      const { status, body } = await answerTo(origin, agent, step.send(life));
      latencies.push(performance.now() - begun);
      if (!step.see(life, status, body.toString())) {
        refused += 1;
        return;
      }
    }
  };

  const under: Promise<void>[] = [];
  const begun = performance.now();
  for (let due = 0; due < seconds * 1000; due += gap(perSecond)) {
    while (performance.now() - begun < due) await wait(1);
    lateness.push(performance.now() - begun - due);
    const life = live();
    // Told below; until then it is not to end the process.
    life.catch(() => undefined);
    under.push(life);
  }
  await Promise.all(under);
  agent.destroy();
  return { latencies, lateness, refused };
}

/** Milliseconds to the next of events that know nothing of each other. */
function gap(perSecond: number): number {
  return (-Math.log(1 - Math.random()) * 1000) / perSecond;
}

function answerTo(origin: string, agent: Agent, { method, path, headers, body }: Sent) {
  return new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    request(`${origin}${path}`, { agent, method, headers: { ...headers, ...length } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      answer.on("error", reject);
    })
      .on("error", reject)
      .end(body);
  });
}
