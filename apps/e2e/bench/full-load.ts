/// <reference path="./autocannon.d.ts" />
/** As many lifecycles as the server can do, by autocannon: each connection sends its next request when the last one is answered. */
import autocannon, { type BuiltRequest } from "autocannon";
import { type Life, newLife, type TrafficStep, traffic } from "./secret-traffic.ts";

export interface FullLoad {
  readonly lifecycles: number;
  readonly seconds: number;
}

interface Context {
  life?: Life;
}

/**
 * At least `lifecycles` lives of secrets over so many connections, an equal share for each. Only the first `steps` of the four where
 * that is told. Throws when any answer is not the wanted one.
 */
export async function fullLoad(
  origin: string,
  envelope: Buffer,
  { lifecycles, connections, steps = 4 }: { lifecycles: number; connections: number; steps?: number },
): Promise<FullLoad> {
  const each = Math.ceil(lifecycles / connections);
  const sequence = traffic(envelope).slice(0, steps);
  const faults: Error[] = [];
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
      onResponse: (status, body, { life }) => {
        try {
          if (life) step.see(life, status, body);
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
  const { errors, timeouts, non2xx, resets, "2xx": answered } = await running;
  if (faults[0]) throw faults[0];
  if (errors + timeouts + non2xx + resets > 0 || answered !== connections * each * steps)
    throw new Error(`${answered} answers, ${non2xx} refusals, ${errors} errors, ${timeouts} timeouts`);
  return { lifecycles: connections * each, seconds: (ended - begun) / 1000 };
}

function prepared(request: BuiltRequest, context: Context, step: TrafficStep, first: boolean) {
  if (first) context.life = newLife();
  const { life } = context;
  if (!life) return null;
  const { path, headers, body } = step.send(life);
  return Object.assign(request, { path, headers: { ...headers }, body });
}
