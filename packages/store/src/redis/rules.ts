import type { RuleFault } from "../contract/maintenance.ts";
import { StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import { CLUSTER_SETTINGS, viewClusterSettings } from "./cluster-settings.ts";
import type { Connection } from "./connection.ts";
import { parseInfo } from "./info.ts";
import { viewReplicas } from "./replicas.ts";

/** What a server says about itself. */
export interface ServerView {
  /** A store with faults does not start, and its sweep does not count. */
  readonly faults: readonly RuleFault[];
  /** True sentences for the operator: what the server keeps, and risks that the operator accepts. */
  readonly facts: readonly string[];
  /** True if the server keeps an append-only file; null: it does not report that. */
  readonly appendOnly: boolean | null;
  readonly files: FilesKept;
  /** True if the server, or an election, may lose the last seconds. */
  readonly mayLoseSeconds: boolean;
}

/**
 * Which files hold what is stored. `unknown`: also files that no sweep can have rewritten, such as snapshots
 * or a replica's.
 */
type FilesKept = "none" | "append_only" | "unknown";

/** One server's view, and how many replicas are connected to it. */
interface OneView extends ServerView {
  readonly replicas: number;
}

export type Declared = Pick<RedisOptions, "persistence" | "replicas" | "unverified">;

const OLDEST = [7, 0, 0] as const;

/** First releases without the use-after-free in Lua scripting (CVE-2025-49844), by release line. */
const LUA_FIXED: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  Redis: [
    [7, 2, 11],
    [7, 4, 6],
    [8, 0, 4],
    [8, 2, 2],
  ],
  Valkey: [
    [7, 2, 11],
    [8, 0, 6],
    [8, 1, 4],
  ],
};

/**
 * Asks a server for its version and settings. `inCluster`: true if it must be a node of a cluster, false if
 * it must not.
 * @throws StoreUnavailable if it does not answer.
 */
export async function viewServer(
  connection: Connection,
  { persistence: declared, replicas: wait, unverified }: Declared,
  inCluster = false,
): Promise<OneView> {
  const info = parseInfo(String(await connection.command("INFO")));
  const faults: RuleFault[] = [];
  const facts: string[] = [];

  const product = info.has("valkey_version") ? "Valkey" : "Redis";
  const version = versionIn(info.get("valkey_version") ?? info.get("redis_version") ?? "0");
  if (compare(numbers(version), OLDEST) < 0)
    faults.push(`${product} ${version} is too old: 7.0 or later is needed.`);
  else if (!hasFixedLua(product, numbers(version))) {
    facts.push(
      `${product} ${version}: upstream fixed a fault in Lua scripting (CVE-2025-49844) in later releases; see that your distribution did too.`,
    );
  }
  // Valkey names the field differently.
  const clustered = (info.get("server_mode") ?? info.get("redis_mode")) === "cluster";
  if (clustered && !inCluster)
    faults.push("The server is a node of a cluster: the Redis URL must begin with redis+cluster://.");
  if (!clustered && inCluster) faults.push("The server is not a node of a cluster.");
  if (info.get("role") !== "master")
    faults.push("The server is a replica: only a primary can be written to.");

  const told = await settingsOf(connection);
  if (told === null && unverified !== true) {
    faults.push(
      "CONFIG GET is forbidden, so that eviction and persistence cannot be verified. MAYFLY_REDIS_UNVERIFIED=true accepts that.",
    );
    return { faults, facts, appendOnly: null, files: "unknown", mayLoseSeconds: true, replicas: 0 };
  }
  const settings = told ?? settingsIn(info);
  const policy = settings.get("maxmemory-policy");
  if (policy === undefined) {
    facts.push(
      "UNVERIFIED: whether the server evicts. Unless its maxmemory-policy is noeviction, it drops secrets that nobody has read.",
    );
  } else if (policy !== "noeviction") {
    faults.push(
      `maxmemory-policy is ${wordIn(policy)}, which drops secrets that nobody has read: it must be noeviction.`,
    );
  }
  if (settings.get("maxmemory") === "0") {
    facts.push("maxmemory is 0: only Mayfly's own capacity keeps a flood from filling the machine's memory.");
  }
  const aof = settings.get("appendonly") === "yes";
  // If CONFIG is forbidden, assume the declared snapshots.
  const rdb = told === null ? declared.includes("rdb") || declared === "any" : settings.get("save") !== "";
  const found = aof && rdb ? "aof+rdb" : aof ? "aof" : rdb ? "rdb" : "none";
  if (declared !== "any" && declared !== found) {
    faults.push(`Persistence is declared as ${declared}, but the server has ${found}.`);
  }
  if (told === null) {
    facts.push(
      "UNVERIFIED, for CONFIG is forbidden: whether snapshots are kept, when an append-only file reaches the disk, and whether SLOWLOG keeps arguments.",
    );
  }
  facts.push(...persistenceFacts(aof, rdb, wordIn(settings.get("appendfsync") ?? "unknown")));
  if (Number(settings.get("slowlog-log-slower-than") ?? -1) >= 0) {
    facts.push(
      "SLOWLOG is on: slow commands stay in it with the start of their arguments, ciphertext and hashes.",
    );
  }
  if (connection.run === null && info.get("role") === "master")
    faults.push("INFO does not tell the server's run_id, which records are bound to.");
  const replicas = viewReplicas(info, aof, wait?.count ?? 0);
  faults.push(...replicas.faults);
  facts.push(...replicas.facts);
  if (inCluster) {
    const rules = viewClusterSettings(settings, wait !== undefined);
    faults.push(...rules.faults);
    facts.push(...rules.facts);
  }
  const connected = Number(info.get("connected_slaves") ?? 0);
  // A replica always keeps the file of its last synchronization.
  const files = told === null || rdb || connected > 0 ? "unknown" : aof ? "append_only" : "none";
  const mayLoseSeconds = settings.get("appendfsync") !== "always" || connected > 0 || wait !== undefined;
  return { faults, facts, appendOnly: aof, files, mayLoseSeconds, replicas: connected };
}

/**
 * A sentence if the append-only file was turned on or off since the start: records are bound by what was
 * found there.
 */
export function changedAppendOnly(before: ServerView, now: ServerView): readonly RuleFault[] {
  if (before.appendOnly === now.appendOnly) return [];
  const words = (view: ServerView) => (view.appendOnly ? "kept" : "not kept");
  return [
    `At the start an append-only file was ${words(before)}, now it is ${words(now)}: set it back, or start anew, which ends every secret.`,
  ];
}

function persistenceFacts(aof: boolean, rdb: boolean, fsync: string): string[] {
  const facts: string[] = [];
  if (aof) {
    facts.push(
      `An append-only file is kept (appendfsync ${fsync}): destroyed ciphertext stays in it until it is rewritten, which each sweep asks for when something has ended.`,
    );
    if (fsync !== "always") {
      // With everysec Redis answers while a sync is under way, and delays the write for up to two seconds.
      const undone =
        fsync === "everysec"
          ? "the last second, and a crash of the server up to two while its disk is slow"
          : "half a minute and more";
      facts.push(
        `With appendfsync ${fsync} a power failure can undo ${undone}: a secret that was read in that time could be read once more. appendfsync always closes that.`,
      );
    }
  } else {
    facts.push(
      "Without an append-only file a restart of Redis ends every secret: none of an earlier run is opened again, whatever a snapshot holds.",
    );
  }
  if (rdb)
    facts.push(
      "Snapshots are kept: destroyed ciphertext stays in a snapshot until the next one replaces it. Nobody can say how long that takes.",
    );
  return facts;
}

async function settingsOf(connection: Connection): Promise<ReadonlyMap<string, string> | null> {
  const names = [
    "maxmemory",
    "maxmemory-policy",
    "appendonly",
    "appendfsync",
    "save",
    "slowlog-log-slower-than",
    ...CLUSTER_SETTINGS,
  ];
  try {
    const pairs = (await connection.command("CONFIG", "GET", ...names)) as string[];
    const settings = new Map<string, string>();
    for (let i = 0; i + 1 < pairs.length; i += 2) settings.set(pairs[i] ?? "", pairs[i + 1] ?? "");
    return settings;
  } catch (error) {
    if (error instanceof StoreUnavailable && error.reason === "failed") return null;
    throw error;
  }
}

/** What INFO tells of the same settings; without a field, the setting is unknown. */
function settingsIn(info: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const policy = info.get("maxmemory_policy");
  if (policy !== undefined) settings.set("maxmemory-policy", policy);
  const most = info.get("maxmemory");
  if (most !== undefined) settings.set("maxmemory", most);
  settings.set("appendonly", info.get("aof_enabled") === "1" ? "yes" : "no");
  return settings;
}

/** What is looked at every second. */
interface Measure {
  /** Bytes in use, by the server's own account. */
  readonly used: number;
  /** Whether an append-only file is kept; null when the server does not tell, or still reads it and says that there is none (7.0.15). */
  readonly appendOnly: boolean | null;
}

export async function measure(connection: Connection): Promise<Measure> {
  const [memory, persistence] = await Promise.all(
    ["memory", "persistence"].map(async (section) =>
      parseInfo(String(await connection.command("INFO", section))),
    ),
  );
  const kept = persistence?.get("aof_enabled");
  const told = kept !== undefined && persistence?.get("loading") !== "1";
  return { used: Number(memory?.get("used_memory") ?? 0), appendOnly: told ? kept === "1" : null };
}

/** Digits and points of what a server calls its version: it is printed, and a terminal would obey anything else. */
export function versionIn(text: string): string {
  return text.replaceAll(/[^0-9.]/g, "").slice(0, 20);
}

/** The same of a setting's value. */
function wordIn(text: string): string {
  return text.replaceAll(/[^a-z0-9-]/g, "").slice(0, 30);
}

function numbers(version: string): readonly [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor, patch];
}

function compare(a: readonly [number, number, number], b: readonly [number, number, number]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function hasFixedLua(product: string, version: readonly [number, number, number]): boolean {
  const fixes = LUA_FIXED[product] ?? [];
  const line = fixes.find((fix) => fix[0] === version[0] && fix[1] === version[1]);
  if (line) return compare(version, line) >= 0;
  return fixes.every((fix) => compare(version, fix) > 0);
}
