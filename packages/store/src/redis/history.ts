import { randomBytes } from "node:crypto";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import { admit } from "../history/admission.ts";
import { isSettled, judge, type Mark, REMEMBERED_BEATS } from "../history/mark.ts";
import { keepAtStart, Marks } from "../history/marks.ts";
import type { HistoryOptions } from "../options.ts";
import { type Answer, count, countOrNull, word } from "./answer.ts";
import type { Steps } from "./connection.ts";
import { AGE_KEY, STORE_KEY } from "./keys.ts";
import { IS_RUN, type Script, script } from "./record.ts";
import type { Argument } from "./script-command.ts";
import { isRun, type ServerRun } from "./server-run.ts";

/** Runs a script without asking first whether the store is the one that is remembered. */
export interface Asker {
  ask(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer>;
}

/** What a beat needs. */
export interface Beating extends Asker {
  readonly confirmed: Steps;
}

/** The store's age as a server tells it. */
export interface Seen {
  readonly now: number;
  /** "": there is no store yet. */
  readonly storeId: string;
  /** What the store's records are bound to: a run of the server, or an epoch; "" where neither. */
  readonly binding: string;
  readonly age: number;
  readonly beats: readonly number[];
  /** What a process remembered that found the store put back; null: none has. */
  readonly rolledBack: number | null;
}

/** KEYS[1] and KEYS[2]: store, age. A store of another run is none, until a look has made the one of this run. */
const SEEN = `${IS_RUN}
local store, age, beats, rolled
local function see()
  local told = redis.call('HMGET', KEYS[2], 'age', 'beats', 'rolled')
  store = redis.call('GET', KEYS[1]) or ''
  local run = string.match(store, '^%S+ ?(%S*)$') or ''
  if run ~= binding and (is_run(run) or is_run(binding)) then store = '' end
  age, beats, rolled = tonumber(told[1] or 0), told[2] or '', tonumber(told[3] or -1)
end
local function seen() see() return { now, store, age, beats, rolled } end
-- Raises the age to \`to\`; each of the beats between is remembered as of now.
local function raise(to)
  local times = {}
  for time in string.gmatch(beats, '%d+') do times[#times + 1] = time end
  for _ = 1, math.min(to - age, ${REMEMBERED_BEATS}) do times[#times + 1] = string.format('%.0f', now) end
  local from = math.max(1, #times - ${REMEMBERED_BEATS} + 1)
  redis.call('HSET', KEYS[2], 'age', to, 'beats', table.concat(times, ' ', from))
end
see()
`;

const SEE = script("see", 2, "no-writes", `${SEEN}return seen()`);

/** ARGV: the age that was judged, and what is remembered. */
const FLAG = script(
  "flag",
  2,
  "allow-oom",
  `${SEEN}
if age == tonumber(ARGV[2]) then redis.call('HSET', KEYS[2], 'rolled', math.max(rolled, tonumber(ARGV[3]))) end
return seen()
`,
);

/** ARGV: store, age and flag as they were judged, the age to go on at, and the epoch that begins, or "". */
const GO_ON = script(
  "go_on",
  2,
  "allow-oom",
  `${SEEN}
if store == ARGV[2] and age == tonumber(ARGV[3]) and rolled == tonumber(ARGV[4]) then
  raise(tonumber(ARGV[5]))
  redis.call('HDEL', KEYS[2], 'rolled')
  if ARGV[6] ~= '' then redis.call('SET', KEYS[1], string.match(store, '^%S+') .. ' ' .. ARGV[6]) end
end
return seen()
`,
);

/**
 * ARGV: the store, the age that is remembered, when the last change was, and how far apart beats are at least. Beats unless the store is
 * not the one that is remembered, a beat came after the change, or the last one was too soon before.
 */
const BEAT = script(
  "beat",
  2,
  "allow-oom",
  `${SEEN}
local last = tonumber(string.match(beats, '%d+$') or 0)
local mine = rolled < 0 and store == ARGV[2] and age >= tonumber(ARGV[3])
local wait = 0
if mine and last <= tonumber(ARGV[4]) then
  wait = last + tonumber(ARGV[5]) - now
  if wait <= 0 then raise(age + 1) end
end
local answer = seen()
-- For replicas to confirm it (see record.ts).
if mine and confirmed_by_replicas then redis.call('HSET', KEYS[2], 'age', age) end
answer[6] = math.max(wait, 0)
return answer
`,
);

const KEYS = [STORE_KEY, AGE_KEY];

/** Two processes that see a store in the middle of a change look again. */
const TRIES = 8;

/**
 * What this process remembers of the store's age. A server that is younger was put back from a copy: nothing is done with it any more, by
 * any process, until a start is told how to go on. Without an append-only file nothing needs to be remembered outside of the process, for
 * records are bound to the server's run.
 */
export class History {
  /** Whether the server may lose its last seconds by design. */
  forgiving = true;
  warnings: readonly string[] = [];
  /** Rises when the store was put back, or is bound to something else: every connection then asks again before its next step. */
  generation = 0;
  /** No step is taken: the store was put back. */
  closed = false;
  readonly #options: HistoryOptions | undefined;
  readonly #marks: Marks | null;
  #asker: Asker | null = null;
  #mark: Mark | null = null;
  /** As the store's key has it: its id, and what its records are bound to. */
  #store = "";
  #isSettled = false;
  /** Replicas are waited for: an age that they have not confirmed is not remembered, for an elected one need not have it. */
  readonly #confirms: boolean;
  readonly #current = () => this.#mark as Mark;

  /** @throws StoreRefused */
  constructor(options: HistoryOptions | undefined, confirms: boolean) {
    this.#options = options;
    this.#confirms = confirms;
    this.#marks = options === undefined ? null : new Marks(options);
  }

  /** Where the age is kept; when left out, on whichever server a connection leads to. */
  askThrough(asker: Asker): void {
    this.#asker = asker;
  }

  /** At the start; false: there is no store yet, which the first look makes. @throws StoreRefused when the store was put back. */
  async begin(asker: Asker, isBound: boolean): Promise<boolean> {
    if (isBound || this.#marks === null) return true;
    for (let tries = 0; tries < TRIES; tries++) {
      const known = this.#marks.read();
      const seen = await see(asker, SEE);
      const { storeId, age, rolledBack } = seen;
      if (storeId === "") return false;
      const mark = known.get(storeId);
      const found = { storeId, age, rolledBack, atHome: null };
      const admission = admit(found, mark, this.forgiving, this.#options?.restored);
      if (admission.way === "refuse") {
        if (admission.remembered !== null) await see(asker, FLAG, [age, admission.remembered]);
        throw new StoreRefused(admission.faults);
      }
      if (admission.way === "go") {
        const unkept = keepAtStart(this.#marks, this.#adopt(seen), mark);
        // A store in which nothing was ever done holds nothing of before.
        this.warnings = age === 0 ? unkept : [...admission.warnings, ...unkept];
        return true;
      }
      const epoch = admission.way === "discard" ? `+${randomBytes(6).toString("hex")}` : "";
      const after = await this.#goOn(asker, seen, admission.age, epoch);
      if (after.age !== admission.age || after.rolledBack !== null) continue;
      this.#marks.keep(this.#adopt(after));
      return true;
    }
    throw new StoreUnavailable("busy");
  }

  /**
   * Before the first step on a connection: what its steps are bound to.
   * @throws StoreUnavailable `rolled_back` when the server is younger than is remembered.
   */
  async join(asker: Asker, run: ServerRun): Promise<string> {
    if (isRun(run.binding)) return run.binding;
    return (await this.#verify(this.#asker ?? asker)).binding;
  }

  /** What a look has seen. @throws StoreUnavailable `rolled_back` */
  async look(asker: Asker, seen: Seen): Promise<void> {
    if (this.#isWhole(seen)) this.#adopt(seen);
    else await this.#verify(this.#asker ?? asker);
  }

  /**
   * Raises the age because of a change at `since`, confirmed as the change was; in how many milliseconds to try again, 0: no more.
   * @throws StoreUnavailable
   */
  async beat(deployment: Beating, since: number, everyMs: number): Promise<number> {
    if (this.#mark === null) return 0;
    const answer = await deployment.confirmed.execute(BEAT, KEYS, [
      this.#store,
      this.#mark.age,
      since,
      everyMs,
    ]);
    const seen = seenIn(answer);
    if (this.#isWhole(seen)) this.#adopt(seen, true);
    else await this.#verify(this.#asker ?? deployment);
    return count(answer, 5);
  }

  async close(): Promise<void> {
    await this.#marks?.close();
  }

  async #verify(asker: Asker): Promise<Seen> {
    for (let tries = 0; tries < TRIES; tries++) {
      const seen = await see(asker, SEE);
      const { storeId, age, rolledBack } = seen;
      if (this.#isWhole(seen)) {
        this.#adopt(seen);
        return seen;
      }
      if (this.#mark?.storeId !== storeId) {
        // Another store than a moment ago: perhaps one of before, that is remembered too. What is remembered is read before it is judged.
        this.#mark = this.#marks?.read().get(storeId) ?? { storeId, age: 0, beats: [], answeredAt: 0 };
        continue;
      }
      const mark = this.#mark;
      if (rolledBack === null && judge(mark, age, this.forgiving) === "seconds_lost") {
        await this.#goOn(asker, seen, mark.age + 1, "");
        continue;
      }
      const known = rolledBack !== null && rolledBack >= mark.age;
      const after = known ? seen : await see(asker, FLAG, [age, mark.age]);
      if (after.rolledBack === null) continue;
      if (!this.closed) this.generation += 1;
      this.closed = true;
      throw new StoreUnavailable("rolled_back");
    }
    throw new StoreUnavailable("busy");
  }

  #isWhole({ storeId, age, rolledBack }: Seen): boolean {
    if (storeId === "") return true;
    const mark = this.#mark;
    return rolledBack === null && mark?.storeId === storeId && judge(mark, age, false) === "whole";
  }

  #goOn(asker: Asker, seen: Seen, age: number, epoch: string): Promise<Seen> {
    return see(asker, GO_ON, [storeText(seen), seen.age, seen.rolledBack ?? -1, age, epoch]);
  }

  #adopt(seen: Seen, confirmed = !this.#confirms): Mark {
    const { storeId, now } = seen;
    const before = this.#mark;
    const { age, beats } = confirmed || before?.storeId !== storeId ? seen : before;
    const mark = { storeId, age, beats, answeredAt: now };
    this.closed = false;
    if (storeId === "") return mark;
    this.#mark = mark;
    const store = storeText(seen);
    if (this.#store !== store) this.generation += 1;
    this.#store = store;
    const settled = isSettled(mark);
    const differs = before?.storeId !== storeId || before.age !== age || this.#isSettled !== settled;
    this.#isSettled = settled;
    if (differs && !isRun(seen.binding)) this.#marks?.touch(this.#current);
    return mark;
  }
}

/** Reads what LOOK, SEE and their like answer from `index` on. */
export function seenIn(answer: Answer, index = 1): Seen {
  const [storeId = "", binding = ""] = word(answer, index).split(" ");
  const beats = word(answer, index + 2)
    .split(" ")
    .filter((time) => time !== "")
    .map(Number);
  const age = count(answer, index + 1);
  return { now: count(answer, 0), storeId, binding, age, beats, rolledBack: countOrNull(answer, index + 3) };
}

async function see(asker: Asker, asked: Script, args: readonly Argument[] = []): Promise<Seen> {
  return seenIn(await asker.ask(asked, KEYS, args));
}

function storeText({ storeId, binding }: Seen): string {
  return binding === "" ? storeId : `${storeId} ${binding}`;
}
