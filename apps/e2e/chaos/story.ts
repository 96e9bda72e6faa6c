/** One secret's story: deposited, and then everybody of the plan comes. */
import { setTimeout as wait } from "node:timers/promises";
import type { SecretInUse } from "./clients.ts";
import type { Outcome, Recorder } from "./history.ts";
import type { Actor } from "./plan.ts";
import { isUnknownOutcome } from "./rules/view.ts";

/** How a person tries again who got no answer. */
const TRIES = 12;
const PAUSE_MS = 150;

/** Plays a story to its end, or until `over` says that the run is. `leaseMs` as the service is set. */
export async function play(secret: SecretInUse, recorder: Recorder, leaseMs: number, over: () => boolean) {
  if (!(await depositAll(secret, recorder, leaseMs, over))) return;
  await Promise.all(secret.plan.actors.map((actor) => act(secret, actor, leaseMs, over)));
}

async function depositAll(secret: SecretInUse, recorder: Recorder, leaseMs: number, over: () => boolean) {
  await patiently(() => secret.reserve(), over);
  if (secret.reserved === null) return false;
  const { reads, passphrase, givesUp, secret: number } = secret.plan;
  recorder.secrets.push({ secret: number, reads, passphrase, parts: secret.hashes(), leaseMs });
  for (let part = 0; part < secret.parts; part++)
    await patiently(() => secret.deposit(part), over, givesUp ? 1 : TRIES);
  if (secret.confirmed && secret.plan.depositsAgain) await secret.deposit(0);
  return secret.confirmed;
}

async function act(secret: SecretInUse, actor: Actor, leaseMs: number, over: () => boolean): Promise<void> {
  await wait(actor.delayMs);
  switch (actor.role) {
    case "opener":
      return openAndRead(secret, actor, leaseMs, over);
    case "guesser": {
      const guess = async (n: number) => {
        const showing = actor.omits && n % 3 === 2 ? "no_passphrase" : "wrong_passphrase";
        await secret.open(secret.claim("guesser"), showing);
      };
      const all = Array.from({ length: actor.count }, (_, n) => n);
      if (actor.atOnce) await Promise.all(all.map(guess));
      else for (const n of all) await guess(n);
      return;
    }
    case "thief": {
      const stranger = secret.claim("thief");
      const tries = {
        open: () => secret.open(stranger, "stranger"),
        burn: () => secret.burn("stranger"),
        acknowledge: () => secret.acknowledge(stranger, "stranger"),
        status: () => secret.status("link", "stranger"),
        deposit: () => secret.deposit(0, "stranger"),
        part: () => secret.readOn(stranger, secret.parts - 1, "stranger"),
      };
      for (const each of actor.tries) await tries[each]();
      return;
    }
    case "burner":
      await patiently(() => secret.burn(), over);
      return;
    case "watcher":
      for (let n = 0; n < actor.times; n++) {
        await secret.status(actor.holding);
        await wait(PAUSE_MS);
      }
  }
}

async function openAndRead(
  secret: SecretInUse,
  actor: Extract<Actor, { role: "opener" }>,
  leaseMs: number,
  over: () => boolean,
): Promise<void> {
  const claim = secret.claim("opener");
  const opened = await patiently(() => secret.open(claim), over);
  if (opened.is !== "bytes") return;
  for (let part = 1; part < secret.parts; part++) {
    const read = await patiently(() => secret.readOn(claim, part), over);
    if (read.is !== "bytes") break;
  }
  if (actor.lingers) {
    await wait(leaseMs + 300);
    await secret.open(claim);
  }
  for (let n = 0; n < actor.acknowledges; n++) await patiently(() => secret.acknowledge(claim), over);
  if (actor.again) await secret.open(claim);
}

/** Again and again while there is no answer, or one that says to come again. */
export async function patiently(
  make: () => Promise<Outcome>,
  over: () => boolean,
  tries = TRIES,
): Promise<Outcome> {
  for (let n = 1; ; n++) {
    const outcome = await make();
    const again =
      outcome.is === "cut" ||
      isUnknownOutcome(outcome) ||
      (outcome.is === "problem" && outcome.code === "halted");
    if (!again || n >= tries || over()) return outcome;
    await wait(PAUSE_MS);
  }
}
