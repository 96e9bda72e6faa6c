/** Many requests over few connections, for what a client library is too polite or too slow for. */
import { Agent, request } from "node:http";
import { until } from "@mayfly/lab/until";

export interface Asking {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Crowd {
  /** One request over one of the connections. Rejects with the system's error when there is no whole answer. */
  ask(asking: Asking): Promise<Told>;
  /** `count` of them as `make` says, as many at a time as there are connections; answers how often each status came. */
  askMany(count: number, make: (number: number) => Asking): Promise<Record<number, number>>;
  /** The same, again while the answer is 503, which an overloaded service may give to anything. */
  insist(asking: Asking): Promise<Told>;
  leave(): void;
}

export function crowd(origin: string, connections: number): Crowd {
  const { hostname, port } = new URL(origin);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask = ({ method, path, headers = {}, body = "" }: Asking) =>
    new Promise<Told>((resolve, reject) => {
      const sent = request({ agent, host: hostname, port, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const { statusCode = 0, headers: told } = answer;
          resolve({ status: statusCode, headers: told, body: Buffer.concat(chunks) });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return {
    ask,
    insist: (asking) =>
      until("another answer than 503", async () => {
        const told = await ask(asking);
        return told.status !== 503 && told;
      }),
    async askMany(count, make) {
      const statuses: Record<number, number> = {};
      let number = 0;
      const lane = async () => {
        while (number < count) {
          const { status } = await ask(make(number++));
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: connections }, lane));
      return statuses;
    },
    leave: () => agent.destroy(),
  };
}

export function json(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Asking {
  return {
    method: "POST",
    path,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}
