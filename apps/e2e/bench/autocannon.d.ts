/** What the benchmarks use of autocannon, which has no types of its own. */
declare module "autocannon" {
  export interface BuiltRequest {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: string | Buffer;
  }

  /** One step of the sequence that each connection goes through again and again. `context` is new for each round. */
  export interface RequestStep<Context> {
    readonly method: string;
    readonly setupRequest: (request: BuiltRequest, context: Context) => BuiltRequest | null;
    /** `body` is the answer's bytes read as UTF-8. */
    readonly onResponse: (status: number, body: string, context: Context) => void;
  }

  export interface Options<Context> {
    readonly url: string;
    readonly connections: number;
    /** Requests in all; every connection makes its equal share. */
    readonly amount: number;
    /** Milliseconds between samples; a run ends at the first one after the last answer. */
    readonly sampleInt: number;
    readonly requests: readonly RequestStep<Context>[];
  }

  export interface Result {
    readonly errors: number;
    readonly timeouts: number;
  }

  interface Instance extends PromiseLike<Result> {
    on(event: "response", listener: () => void): this;
  }

  export default function autocannon<Context>(options: Options<Context>): Instance;
}
