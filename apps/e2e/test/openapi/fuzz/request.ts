/** A step as bytes. */
import type { DescribedOperation } from "./description.ts";
import { slipped } from "./from-schema.ts";
import { damaged } from "./hostile.ts";
import { type KnownSecret, withKnown } from "./known-secret.ts";
import type { BodyPlan, Chosen } from "./step.ts";

export interface Request {
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
  readonly bytes: Buffer;
  /** Some byte of it is not as HTTP wants it, so that it may be no request at all. */
  readonly isDamaged: boolean;
}

/** Every request ends its connection, so that an answer is whole when the service has closed. */
const USUAL = [
  ["Host", "127.0.0.1"],
  ["Connection", "close"],
] as const;

/** The operation as it is meant. */
export function rightRequest(operation: DescribedOperation, secret: KnownSecret, example: unknown): Request {
  return requestFor(
    {
      operation,
      parameters: {},
      body: { is: "right", value: example },
      bearer: "right",
      type: null,
      method: null,
      query: "",
      headers: [],
      framing: "length",
      damage: null,
    },
    secret,
    secret,
  );
}

/** `another` is whose token is shown where the plan wants another secret's. */
export function requestFor(chosen: Chosen, secret: KnownSecret, another: KnownSecret): Request {
  const { operation, damage, framing } = chosen;
  const method = chosen.method ?? operation.method;
  const target =
    operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => parameterOf(name, chosen, secret)) + chosen.query;
  const body = operation.takes.size === 0 && chosen.body.is !== "hostile" ? null : bodyOf(chosen, secret);
  const type = chosen.type ?? (body === null ? "" : ([...operation.takes.keys()][0] ?? ""));
  const token = chosen.bearer === "another" ? another.manageToken : secret.manageToken;
  const shown = typeof chosen.bearer === "string" ? token : chosen.bearer.text;
  // Where the token stands in for a body, only one of the two is right.
  const mayShow = operation.bearer && (body === null || [...operation.takes.values()][0]?.schema === null);
  const headers = [
    ...USUAL,
    ...(type === "" ? [] : [["Content-Type", type] as const]),
    ...(chosen.bearer !== "none" && (mayShow || chosen.bearer !== "right")
      ? [["Authorization", `Bearer ${shown}`] as const]
      : []),
    ...chosen.headers,
    ...(body === null
      ? []
      : framing === "length"
        ? [["Content-Length", String(body.length)] as const]
        : [["Transfer-Encoding", "chunked"] as const]),
  ];
  const head = `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  const whole = Buffer.concat([Buffer.from(head, "latin1"), framed(body, framing)]);
  return {
    method,
    target,
    headers,
    body,
    bytes: damage === null ? whole : damaged(whole, damage),
    isDamaged: damage !== null,
  };
}

function parameterOf(name: string, { parameters, operation }: Chosen, secret: KnownSecret): string {
  const planned = parameters[name];
  if (planned !== null && planned !== undefined) return planned;
  if (name === "part") return String(operation.name === "deposit" ? secret.deposited : secret.fetched);
  // Nobody has it: what was not reserved has no id.
  return secret.place?.id ?? "A".repeat(22);
}

function bodyOf({ body, operation }: Chosen, secret: KnownSecret): Buffer | null {
  if (body.is === "none") return null;
  if (body.is === "hostile") return body.bytes;
  const [content] = operation.takes.values();
  if (content?.schema === null) return partOf(body, secret);
  const value = body.is === "fitting" ? body.value : withKnown(body.value, secret);
  return Buffer.from(body.is === "slip" ? slipped(value, body.slip) : JSON.stringify(value));
}

function partOf(plan: BodyPlan, secret: KnownSecret): Buffer {
  const bytes = secret.part(secret.deposited);
  if (plan.is === "right") return bytes;
  if (plan.is === "slip" && plan.slip.how === "one less") return bytes.subarray(1);
  if (plan.is === "slip" && plan.slip.how === "one more") return Buffer.concat([bytes, Buffer.of(0)]);
  const changed = Buffer.from(bytes);
  const at = plan.is === "slip" ? plan.slip.where : 0;
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

function framed(body: Buffer | null, framing: Chosen["framing"]): Buffer {
  if (body === null) return Buffer.alloc(0);
  if (framing === "length") return body;
  const middle = body.length >> 1;
  const chunks = [body.subarray(0, middle), body.subarray(middle)].filter(({ length }) => length > 0);
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]),
    Buffer.from("0\r\n\r\n"),
  ]);
}
