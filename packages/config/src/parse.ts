import { Fault } from "./parsers.ts";
import { type Values, type Variable, type VariableName, variables } from "./variables.ts";

/** The configuration is wrong. All faults at once, one sentence each, by variable name, without any value. */
export class ConfigRefused extends Error {
  override readonly name = "ConfigRefused";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = "MAYFLY_";
const table: Record<string, Variable<unknown>> = variables;

/**
 * Reads every variable from `environment`; an empty text counts as unset. Secrets also come as `NAME_FILE`, read with `readFile`.
 * Throws `ConfigRefused` with every fault: unknown MAYFLY_ names, wrong values, combinations that cannot work.
 */
export function parseValues(environment: Environment, readFile: (path: string) => string): Values {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};

  for (const name of Object.keys(environment)) {
    if (name.startsWith(PREFIX) && !isKnown(name)) faults.push(`${knownNameOr(name)}: no such variable`);
  }
  for (const [name, variable] of Object.entries(table)) {
    try {
      const text = textOf(name, variable, environment, readFile) ?? variable.fallback;
      values[name] = text === undefined ? undefined : variable.parse(text);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(`${name}: ${error.message}`);
    }
  }
  const parsed = (name: VariableName) => name in values;
  for (const { of, broken, words } of rules)
    if (of.every(parsed) && broken(values as Values)) faults.push(`${of[0]}: ${words}`);
  if (faults.length > 0) throw new ConfigRefused(faults);
  return values as Values;
}

function isKnown(name: string): boolean {
  return name in table || (name.endsWith("_FILE") && table[name.slice(0, -"_FILE".length)]?.secret === true);
}

/** A mistyped name is the operator's own and may be shown, as long as it looks like a name. */
function knownNameOr(name: string): string {
  return /^[A-Z0-9_]{1,60}$/.test(name) ? name : `${PREFIX}…`;
}

function textOf(
  name: string,
  variable: Variable<unknown>,
  environment: Environment,
  readFile: (path: string) => string,
): string | undefined {
  const text = environment[name] || undefined;
  const file = variable.secret ? environment[`${name}_FILE`] || undefined : undefined;
  if (file === undefined) return text;
  if (text !== undefined) throw new Fault(`set it or ${name}_FILE, not both`);
  try {
    return readFile(file).trim();
  } catch {
    throw new Fault(`the file that ${name}_FILE names cannot be read`);
  }
}

/** What one variable may be only beside certain values of others. */
interface Rule {
  /** The variable that is named, then those it is held against. */
  readonly of: readonly [VariableName, ...VariableName[]];
  readonly broken: (values: Values) => boolean;
  readonly words: string;
}

const rules: readonly Rule[] = [
  {
    of: ["PUBLIC_URL", "HOST"],
    broken: ({ PUBLIC_URL, HOST }) => PUBLIC_URL === undefined && !isLoopback(HOST),
    words: "must be set when HOST is not a loopback address",
  },
  {
    of: ["PUBLIC_URL", "MAYFLY_ALLOW_HTTP"],
    broken: ({ PUBLIC_URL: url, MAYFLY_ALLOW_HTTP }) =>
      url?.protocol === "http:" && !isLoopback(url.hostname) && !MAYFLY_ALLOW_HTTP,
    words:
      "must start with https://, because browsers have no cryptography on plain http (MAYFLY_ALLOW_HTTP=true overrides)",
  },
  {
    of: ["MAYFLY_LEASE_SECONDS", "MAYFLY_HEARTBEAT_MAX_AGE_SECONDS"],
    broken: (values) => values.MAYFLY_LEASE_SECONDS > values.MAYFLY_HEARTBEAT_MAX_AGE_SECONDS,
    words: "must not be longer than MAYFLY_HEARTBEAT_MAX_AGE_SECONDS",
  },
  {
    of: ["MAYFLY_LEASE_SECONDS", "MAYFLY_ENVELOPE_MAX_BYTES", "MAYFLY_PART_BYTES"],
    broken: (values) =>
      values.MAYFLY_LEASE_SECONDS === 0 && values.MAYFLY_ENVELOPE_MAX_BYTES > values.MAYFLY_PART_BYTES,
    words:
      "0 works only for envelopes of one part: set MAYFLY_ENVELOPE_MAX_BYTES to MAYFLY_PART_BYTES or less",
  },
  {
    of: ["MAYFLY_REDIS_WAIT_MS", "MAYFLY_REDIS_WAIT_REPLICAS", "MAYFLY_STORE_TIMEOUT_MS"],
    broken: (values) =>
      values.MAYFLY_REDIS_WAIT_REPLICAS > 0 && values.MAYFLY_REDIS_WAIT_MS >= values.MAYFLY_STORE_TIMEOUT_MS,
    words: "must be less than MAYFLY_STORE_TIMEOUT_MS",
  },
  {
    of: ["MAYFLY_STORE_MAX_BYTES", "MAYFLY_ENVELOPE_MAX_BYTES"],
    broken: (values) => values.MAYFLY_ENVELOPE_MAX_BYTES > values.MAYFLY_STORE_MAX_BYTES,
    words: "must hold at least one envelope of MAYFLY_ENVELOPE_MAX_BYTES",
  },
];

/** `localhost`, 127.0.0.0/8 and ::1, also in a URL's brackets. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
