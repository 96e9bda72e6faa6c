/// <reference path="./autocannon.d.ts" />
/** As many lifecycles as the server can do, by autocannon: each connection sends its next request when the last one is answered. */
import autocannon, { type BuiltRequest } from "autocannon";
import { type Life, newLife, type TrafficStep, traffic } from "./secret-traffic.ts";

export interface FullLoad {
  /** Those that came to their end. */
  readonly lifecycles: number;
  /** Those that the service would not go on with, because it was overloaded: by others on its machine, at this load. */
  readonly refused: number;
  readonly seconds: number;
}

interface Context {
  life?: Life;
}

/**
 * At least `lifecycles` lives of secrets over so many connections, an equal share for each. Only the first `steps` of the four where
 * that is told. Throws when an answer is neither the wanted one nor a refusal for overload, or when no life came to its end.
 */
export async function fullLoad(
  origin: string,
  envelope: Buffer,
  { lifecycles, connections, steps = 4 }: { lifecycles: number; connections: number; steps?: number },
): Promise<FullLoad> {
  const each = Math.ceil(lifecycles / connections);
  const sequence = traffic(envelope).slice(0, steps);
  const faults: Error[] = [];
  let [done, refused] = [0, 0];
  const begun = performance.now();
  let ended = begun;
  const running = autocannon<Context>({
    url: origin,
    connections,
    amount: connections * each * steps,
    sampleInt: 50,
    requests: sequence.map((step, at) => ({
      method: step.method,
      setupRequest: (request, context) => prepared(request, context, step, at === 0),
      onResponse: (status, body, context) => {
        try {
          if (context.life === undefined) return;
          if (!step.see(context.life, status, body)) {
            refused += 1;
            delete context.life;
          } else if (at === steps - 1) done += 1;
        } catch (error) {
          faults.push(error as Error);
        }
      },
    })),
  });
  // The run itself ends later, at its next sample.
  running.on("response", () => {
    ended = performance.now();
  });
  const { errors, timeouts } = await running;
  if (faults[0]) throw faults[0];
  if (errors + timeouts > 0 || done === 0)
    throw new Error(`${done} lifecycles, ${refused} refused, ${errors} errors, ${timeouts} timeouts`);
  return { lifecycles: done, refused, seconds: (ended - begun) / 1000 };
}

function prepared(request: BuiltRequest, context: Context, step: TrafficStep, first: boolean) {
  if (first) context.life = newLife();
  const { life } = context;
  // Then autocannon begins with the first step again.
  if (!life) return null;
  const { path, headers, body } = step.send(life);
  return Object.assign(request, { path, headers: { ...headers }, body });
}
