import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import {
  type Heartbeat,
  type HeartbeatView,
  type OverdueAnswer,
  type Removed,
  type RuleFault,
  type SweepOptions,
  type SweepReport,
  Verification,
} from "../contract/maintenance.ts";
import type { Amount, Total } from "../contract/rate-limits.ts";
import type { Deposit, DepositAnswer, Opening, Reservation, ReserveAnswer } from "../contract/secrets.ts";
import type { Store } from "../contract/store.ts";
import { StoreUnavailable } from "../errors.ts";
import type { SqliteOptions } from "../options.ts";
import { fullOrThrow, overdueAnswer } from "../outcomes.ts";
import { acknowledge } from "./acknowledge.ts";
import { burn } from "./burn.ts";
import { boundCapacity } from "./capacity.ts";
import { checkpoint, checkpointPatiently } from "./checkpoint.ts";
import { Commits, type Step, type Turn } from "./commits.ts";
import { renewAllCutOff } from "./cut-off.ts";
import { databasePath, openDatabase, rateLimitPath } from "./database.ts";
import { deposit } from "./deposit.ts";
import { prepareDirectory } from "./directory.ts";
import { unavailable } from "./faults.ts";
import { countFailedSweeps, recordFailedSweep, recordSweep, viewHeartbeat } from "./heartbeat.ts";
import { History } from "./history.ts";
import { ERASED_WITHIN_SECONDS, LogCuts } from "./log-cuts.ts";
import { open, part } from "./open.ts";
import { RateLimitFile } from "./rate-limits.ts";
import { Remains } from "./remains.ts";
import { reserve } from "./reserve.ts";
import { ruleFaults } from "./rules.ts";
import { SpareFile } from "./spare-file.ts";
import { prepareStatements } from "./statements.ts";
import { status } from "./status.ts";
import { countOverdue, endDue, overdueMs, sweepRecords } from "./sweep.ts";

/**
 * Opens, and makes when missing, the store in one SQLite file, for one machine. Several processes may open the same file.
 * @throws StoreRefused when the directory, the file or the library's settings are not as they must be.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const clock = options.clock ?? Date.now;
  const warnings = prepareDirectory(options.directory);
  const path = databasePath(options.directory);
  const db = await openDatabase(path, options.busyTimeoutMs, clock());
  try {
    return storeOver(db, path, options, warnings);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The store over a connection that `openDatabase` made. Tests stand between the two, to make the connection fail. @throws StoreRefused */
export function storeOver(
  db: DatabaseSync,
  path: string,
  options: SqliteOptions,
  warnings: readonly string[] = [],
): Store {
  const clock = options.clock ?? Date.now;
  const history = History.begin(db, path, options.history);
  const spare = new SpareFile(options.directory);
  spare.make();
  const cuts = new LogCuts(db, options.busyTimeoutMs, spare);
  const commits = new Commits(db, prepareStatements(db), clock, path, history, {
    destroyed: () => cuts.destroyed(),
    full: () => spare.giveUp(),
  });
  // What a process that ended too early has left in the log.
  cuts.destroyed();
  const capacity = boundCapacity(options.capacityBytes, statSync(path).size, spare.freeBytes);
  return new SqliteStore(
    db,
    commits,
    history,
    cuts,
    spare,
    new RateLimitFile(rateLimitPath(options.directory), clock),
    capacity.bytes,
    [...warnings, ...history.warnings, ...capacity.warnings],
  );
}

class SqliteStore implements Store {
  readonly facts: readonly string[] = [
    "SQLite's write-ahead log keeps what was destroyed for some seconds, and for as long as another program reads the file.",
  ];
  readonly warnings: readonly string[];
  readonly #db: DatabaseSync;
  readonly #commits: Commits;
  readonly #history: History;
  readonly #remains: Remains;
  readonly #cuts: LogCuts;
  readonly #spare: SpareFile;
  readonly #rateLimits: RateLimitFile;
  readonly #capacityBytes: number;
  /** What the last sweep gave its time anew. */
  #renewed: readonly number[] = [];
  /** What the last `endDue` left, when too much was due at once. */
  #overdueMs = 0;
  #closed = false;

  constructor(
    db: DatabaseSync,
    commits: Commits,
    history: History,
    cuts: LogCuts,
    spare: SpareFile,
    rateLimits: RateLimitFile,
    capacityBytes: number,
    warnings: readonly string[],
  ) {
    this.#db = db;
    this.#commits = commits;
    this.#history = history;
    this.warnings = warnings;
    this.#remains = new Remains(commits);
    this.#cuts = cuts;
    this.#spare = spare;
    this.#rateLimits = rateLimits;
    this.#capacityBytes = capacityBytes;
  }

  get erasedWithinSeconds(): number | null {
    const behind = this.#cuts.late || this.#overdueMs > (ERASED_WITHIN_SECONDS / 2) * 1_000;
    return behind ? null : ERASED_WITHIN_SECONDS;
  }

  reserve(reservation: Reservation): Promise<ReserveAnswer> {
    const step = (turn: Turn) => reserve(turn, reservation, this.#capacity);
    return this.#remains.run<ReserveAnswer>(step, "storing").catch(fullOrThrow);
  }

  deposit(given: Deposit): Promise<DepositAnswer> {
    const step = (turn: Turn) => deposit(turn, given, this.#capacity);
    return this.#remains.run<DepositAnswer>(step, "storing").catch(fullOrThrow);
  }

  open = (opening: Opening) => this.#verb((turn) => open(turn, opening));
  part: Store["part"] = (request) => this.#verb((turn) => part(turn, request));
  acknowledge: Store["acknowledge"] = (request) => this.#verb((turn) => acknowledge(turn, request));
  burn: Store["burn"] = (request) => this.#verb((turn) => burn(turn, request));
  status: Store["status"] = (request) => this.#verb((turn) => status(turn, request));
  recordFailedSweep: Store["recordFailedSweep"] = (failure) =>
    this.#run((turn) => recordFailedSweep(turn, failure));
  failedSweeps = (): Promise<number> => this.#run(countFailedSweeps);
  heartbeat = (): Promise<HeartbeatView> => this.#run(viewHeartbeat);

  now(): Promise<number> {
    return this.#run((turn) => {
      turn.changed = true;
      return turn.now;
    });
  }

  async recordSweep(report: SweepReport): Promise<Heartbeat | null> {
    await renewAllCutOff(this.#commits, this.#renewed, report.maxAgeMs);
    return this.#run((turn) => recordSweep(turn, report));
  }

  endDue(limit: number): Promise<number> {
    const asOf = this.#commits.clock();
    this.#spare.make();
    return this.#remains.endDue((turn, room) => {
      const ended = endDue(turn, asOf, limit, room);
      this.#overdueMs = overdueMs(turn);
      return ended;
    });
  }

  async sweep(options: SweepOptions): Promise<Removed> {
    try {
      const { removed, renewed } = await sweepRecords(this.#commits, options);
      this.#renewed = renewed;
      this.#rateLimits.forgetEnded();
      // What was deleted is still in the log until it is cut: without that the sweep is not complete.
      if (!this.#closed && !(await checkpointPatiently(this.#cut))) throw new StoreUnavailable("busy");
      this.#spare.make();
      return removed;
    } catch (error) {
      throw this.#closed ? new StoreUnavailable("closed") : unavailable(error);
    }
  }

  async overdue(startedAt: number, options: SweepOptions): Promise<OverdueAnswer> {
    return overdueAnswer(await countOverdue(this.#commits, startedAt, options), new Verification(startedAt));
  }

  async ruleFaults(): Promise<readonly RuleFault[]> {
    const clockBehindMs = await this.#run((turn) => turn.clockBehindMs);
    try {
      return await ruleFaults(this.#db, this.#cut, clockBehindMs);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async take(amounts: readonly Amount[]): Promise<readonly Total[]> {
    this.#refuseWhenClosed();
    return this.#rateLimits.take(amounts);
  }

  /** Writes: a store that cannot record a claim is of no use, though reading still works on a full or read-only disk. */
  canWrite(): Promise<boolean> {
    return this.now().then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#commits.close();
    this.#cuts.close();
    try {
      checkpoint(this.#db);
    } catch {
      // The log stays for the next start to read; closing must go on.
    }
    this.#rateLimits.close();
    this.#db.close();
    await this.#history.close();
  }

  readonly #cut = (): boolean => this.#spare.insist(() => checkpoint(this.#db));

  /** None while the disk has no room for what must not fail. */
  get #capacity(): number {
    return this.#spare.present ? this.#capacityBytes : 0;
  }

  #run<Answer>(step: Step<Answer>): Promise<Answer> {
    return this.#commits.run(step);
  }

  /** For what is asked about one secret. */
  #verb<Answer>(step: Step<Answer>): Promise<Answer> {
    return this.#remains.run(step);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable("closed");
  }
}
