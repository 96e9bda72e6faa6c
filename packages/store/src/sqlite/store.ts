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
import { checkpoint, checkpointWithRetries } from "./checkpoint.ts";
import { Commits, type Step, type Transaction } from "./commits.ts";
import { renewAllCutOff } from "./cut-off.ts";
import { databasePath, openDatabase, rateLimitPath } from "./database.ts";
import { DeferredDeletions } from "./deferred-deletions.ts";
import { deposit } from "./deposit.ts";
import { prepareDirectory } from "./directory.ts";
import { unavailable } from "./faults.ts";
import { countFailedSweeps, recordFailedSweep, recordSweep, viewHeartbeat } from "./heartbeat.ts";
import { History } from "./history.ts";
import { ERASED_WITHIN_SECONDS, LogTruncation } from "./log-truncation.ts";
import { open, part } from "./open.ts";
import { RateLimitFile } from "./rate-limits.ts";
import { reserve } from "./reserve.ts";
import { ruleFaults } from "./rules.ts";
import { SpareFile } from "./spare-file.ts";
import { prepareStatements } from "./statements.ts";
import { status } from "./status.ts";
import { countOverdue, endDue, overdueMs, sweepRecords } from "./sweep.ts";

/**
 * Opens the store in one SQLite file, for one machine, and creates it if it is missing. Several processes may
 * open the same file.
 * @throws StoreRefused if the directory, the file or SQLite's settings are not as declared.
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

/**
 * Makes the store over a connection from `openDatabase`. Tests call it to make the connection fail.
 * @throws StoreRefused
 */
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
  const logTruncation = new LogTruncation(db, options.busyTimeoutMs, spare);
  const commits = new Commits(db, prepareStatements(db), clock, path, history, {
    destroyed: () => logTruncation.destroyed(),
    full: () => spare.release(),
  });
  // A crashed process may have left destroyed bytes in the log.
  logTruncation.destroyed();
  const capacity = boundCapacity(options.capacityBytes, statSync(path).size, spare.freeBytes);
  return new SqliteStore(
    db,
    commits,
    history,
    logTruncation,
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
  readonly #deferred: DeferredDeletions;
  readonly #logTruncation: LogTruncation;
  readonly #spare: SpareFile;
  readonly #rateLimits: RateLimitFile;
  readonly #capacityBytes: number;
  /** Secrets that the last sweep renewed in a halt. */
  #renewed: readonly number[] = [];
  /** How long the oldest secret that `endDue` left undestroyed has been due. */
  #overdueMs = 0;
  #closed = false;

  constructor(
    db: DatabaseSync,
    commits: Commits,
    history: History,
    logTruncation: LogTruncation,
    spare: SpareFile,
    rateLimits: RateLimitFile,
    capacityBytes: number,
    warnings: readonly string[],
  ) {
    this.#db = db;
    this.#commits = commits;
    this.#history = history;
    this.warnings = warnings;
    this.#deferred = new DeferredDeletions(commits);
    this.#logTruncation = logTruncation;
    this.#spare = spare;
    this.#rateLimits = rateLimits;
    this.#capacityBytes = capacityBytes;
  }

  get erasedWithinSeconds(): number | null {
    const behind = this.#logTruncation.late || this.#overdueMs > (ERASED_WITHIN_SECONDS / 2) * 1_000;
    return behind ? null : ERASED_WITHIN_SECONDS;
  }

  reserve(reservation: Reservation): Promise<ReserveAnswer> {
    const step = (transaction: Transaction) => reserve(transaction, reservation, this.#capacity);
    return this.#deferred.run<ReserveAnswer>(step, "storing").catch(fullOrThrow);
  }

  deposit(given: Deposit): Promise<DepositAnswer> {
    const step = (transaction: Transaction) => deposit(transaction, given, this.#capacity);
    return this.#deferred.run<DepositAnswer>(step, "storing").catch(fullOrThrow);
  }

  open = (opening: Opening) => this.#verb((transaction) => open(transaction, opening));
  part: Store["part"] = (request) => this.#verb((transaction) => part(transaction, request));
  acknowledge: Store["acknowledge"] = (request) =>
    this.#verb((transaction) => acknowledge(transaction, request));
  burn: Store["burn"] = (request) => this.#verb((transaction) => burn(transaction, request));
  status: Store["status"] = (request) => this.#verb((transaction) => status(transaction, request));
  recordFailedSweep: Store["recordFailedSweep"] = (failure) =>
    this.#run((transaction) => recordFailedSweep(transaction, failure));
  failedSweeps = (): Promise<number> => this.#run(countFailedSweeps);
  heartbeat = (): Promise<HeartbeatView> => this.#run(viewHeartbeat);

  now(): Promise<number> {
    return this.#run((transaction) => {
      transaction.changed = true;
      return transaction.now;
    });
  }

  async recordSweep(report: SweepReport): Promise<Heartbeat | null> {
    await renewAllCutOff(this.#commits, this.#renewed, report.maxAgeMs);
    return this.#run((transaction) => recordSweep(transaction, report));
  }

  endDue(limit: number): Promise<number> {
    const asOf = this.#commits.clock();
    this.#spare.make();
    return this.#deferred.endDue((transaction, maxBytes) => {
      const ended = endDue(transaction, asOf, limit, maxBytes);
      this.#overdueMs = overdueMs(transaction);
      return ended;
    });
  }

  async sweep(options: SweepOptions): Promise<Removed> {
    try {
      const { removed, renewed } = await sweepRecords(this.#commits, options);
      this.#renewed = renewed;
      this.#rateLimits.forgetEnded();
      // Until the log is truncated it holds what was deleted, so the sweep is not complete.
      if (!this.#closed && !(await checkpointWithRetries(this.#truncateLog)))
        throw new StoreUnavailable("busy");
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
    const clockBehindMs = await this.#run((transaction) => transaction.clockBehindMs);
    try {
      return await ruleFaults(this.#db, this.#truncateLog, clockBehindMs);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async take(amounts: readonly Amount[]): Promise<readonly Total[]> {
    this.#refuseWhenClosed();
    return this.#rateLimits.take(amounts);
  }

  /** Writes: on a full or read-only disk reading works, but no claim can be recorded. */
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
    this.#logTruncation.close();
    try {
      checkpoint(this.#db);
    } catch {
      // The next start reads the log. Closing goes on.
    }
    this.#rateLimits.close();
    this.#db.close();
    await this.#history.close();
  }

  readonly #truncateLog = (): boolean => this.#spare.runWithSpace(() => checkpoint(this.#db));

  /** 0 while the spare file is missing: the remaining space is for essential writes. */
  get #capacity(): number {
    return this.#spare.present ? this.#capacityBytes : 0;
  }

  #run<Answer>(step: Step<Answer>): Promise<Answer> {
    return this.#commits.run(step);
  }

  /** Runs a step about one secret. */
  #verb<Answer>(step: Step<Answer>): Promise<Answer> {
    return this.#deferred.run(step);
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable("closed");
  }
}
