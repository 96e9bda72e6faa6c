import { checkPassphrase, createClient, type Read, type SecretOpener } from "@mayfly/client";
import { count, size, time } from "../amounts.ts";
import { Fault, Stopped } from "../fault.ts";
import { forTerminal } from "../harmless.ts";
import { linkGiven } from "../input/link.ts";
import { checkPassphraseOptions, passphraseAsker, passphraseGiven } from "../input/passphrase.ts";
import { demandTerminal, type Terminal } from "../input/terminal.ts";
import { isTyped, tell } from "../io.ts";
import { answerJson, demandReader } from "../output/answer.ts";
import { type Collected, createCollector } from "../output/collector.ts";
import { isReadable, jsonOf, print } from "../output/printed.ts";
import { createProgress } from "../output/progress.ts";
import { saved } from "../output/saved.ts";
import { type Target, targetOf } from "../output/target.ts";
import { waitingFor } from "../output/waiting.ts";
import { fateOfRead } from "../read-fate.ts";
import { serverFor } from "../server.ts";
import type { Session } from "../session.ts";

/** How long a confirmation is waited for: without one the lease destroys the secret all the same. */
const CONFIRMATION_MS = 15_000;

/** Takes one read, and tells the service to destroy it only when what was read is where it belongs. */
export async function open(session: Session): Promise<void> {
  const { invocation, io, terminal } = session;
  const fromStdin = invocation.operand === undefined && !isTyped(io);
  checkPassphraseOptions(invocation, fromStdin);
  const given = await linkGiven(invocation, io, terminal, "link");
  const server = serverFor(invocation, io, given.origin);
  const opener = createClient({ server }).opener(given.code);
  const passphrase = await passphraseGiven(invocation, io);
  if (passphrase !== undefined) checkPassphrase(passphrase);
  if (opener.hasPassphrase && passphrase === undefined)
    demandTerminal(
      terminal,
      "this secret needs its passphrase, by --passphrase-file or --passphrase-fd.",
      "passphrase",
    );
  const target = await targetOf(invocation.value("output"), terminal);
  if (target.kind === "usual" || target.kind === "stdout") demandReader(io);
  const { readable } = await read(session, server, opener, target, passphrase).catch((error: unknown) => {
    throw withFate(error, opener);
  });
  if (!readable) throw new Fault("unreadable", `${unreadable} Its bytes were handed out as they are.`);
}

async function read(
  session: Session,
  server: string,
  opener: SecretOpener,
  target: Target,
  passphrase: string | undefined,
): Promise<Delivered> {
  await agree(session, server);
  const delivery = await delivered(session, opener, target, passphrase);
  await tellFate(session, delivery.read);
  return delivery;
}

/** A command that was stopped, or could not write, says what became of the read; errors of the client know it already. */
function withFate(error: unknown, opener: SecretOpener): unknown {
  if (error instanceof Stopped) return new Stopped(error.exit, fateOfRead(opener));
  if (isOfOutput(error) && opener.leaseEnds !== null)
    return new Fault(error.exit, `${error.message} ${fateOfRead(opener)}`, error.cause);
  return error;
}

/** Opening uses something up: a person is asked before, and a script is not. */
async function agree({ invocation, io, terminal }: Session, server: string): Promise<void> {
  const isWatched = isTyped(io) || io.stdout.isTTY;
  if (invocation.has("yes") || !isWatched) return;
  demandTerminal(terminal, "give --yes to open without a question.");
  if (!(await terminal.agrees(`This uses up one read of the secret at ${server}. Open it now?`)))
    throw new Stopped();
}

/**
 * The read, once what it gave is written. When that fails before a person, the service keeps the secret for this opener
 * until its lease ends: they may name another place.
 */
async function delivered(
  session: Session,
  opener: SecretOpener,
  first: Target,
  passphrase: string | undefined,
): Promise<Delivered> {
  const { terminal, io } = session;
  const withPassphrase = passphraseAsker(terminal, passphrase);
  let target = first;
  for (;;) {
    try {
      return await withPassphrase((words) => deliveredTo(session, opener, target, words));
    } catch (error) {
      const mayAsk = isTyped(io) || (error instanceof Fault && error.exit === "unreadable");
      if (!isOfOutput(error) || !mayAsk || !terminal.isThere()) throw error;
      target = await anotherTarget(terminal, error, opener);
    }
  }
}

async function anotherTarget(terminal: Terminal, fault: Fault, { leaseEnds }: SecretOpener): Promise<Target> {
  const kept =
    leaseEnds === null ? "" : ` The service keeps the secret for this command until ${time(leaseEnds)}.`;
  let said = `${fault.message}${kept}`;
  for (;;) {
    const path = await terminal.ask(`${said}\nAnother file or folder (nothing gives up): `, {
      visible: true,
    });
    if (path === "") throw fault;
    try {
      return await targetOf(path, terminal);
    } catch (error) {
      if (!isOfOutput(error)) throw error;
      said = error.message;
    }
  }
}

function isOfOutput(error: unknown): error is Fault {
  return error instanceof Fault && (error.exit === "output" || error.exit === "unreadable");
}

const unreadable = "The secret is what was sealed, but not of a form that is known here.";

/** A read whose secret is written, and whether that was of its kind's form. */
interface Delivered {
  read: Read;
  readable: boolean;
}

async function deliveredTo(
  session: Session,
  opener: SecretOpener,
  target: Target,
  passphrase: string | undefined,
): Promise<Delivered> {
  const { invocation, io } = session;
  const json = invocation.has("json");
  const collector = createCollector(target, !json && !io.stdout.isTTY);
  const progress = createProgress(io);
  const read = await opener
    .openInto(collector, {
      ...(passphrase !== undefined && { passphrase }),
      acknowledge: "manual",
      signal: io.signal,
      onProgress: (told) => {
        if (told.step === "waiting") return progress.say(waitingFor(told));
        progress.show(told.step === "stretching" ? "Working the passphrase in" : "Receiving", told.fraction);
      },
    })
    .finally(() => progress.clear());
  const given = collector.collected as Collected;
  const readable = !("held" in given) || isReadable(given);
  if (!readable && !json && target.kind === "usual" && io.stdout.isTTY)
    throw new Fault("unreadable", `${unreadable} A file can take its bytes.`);
  const collected = await saved(given, target);
  if (json) await answerJson(io, jsonAnswer(collected, read));
  else if ("held" in collected) await print(io, collected);
  else
    for (const { path, size: bytes } of collected.saved)
      tell(io, `Saved ${forTerminal(path).text} (${size(bytes)}).`);
  return { read, readable };
}

function jsonAnswer(collected: Collected, { readsLeft }: Read): object {
  return "held" in collected
    ? { ...jsonOf(collected), readsLeft }
    : { kind: collected.kind, files: collected.saved, readsLeft };
}

/** Tells the service, waits for its word, and tells the person. */
async function tellFate({ io }: Session, read: Read): Promise<void> {
  const confirmed = await read.acknowledge({
    signal: AbortSignal.any([io.signal, AbortSignal.timeout(CONFIRMATION_MS)]),
  });
  const { readsLeft, leaseEnds } = read;
  if (readsLeft === "unlimited") return tell(io, "It can be opened again until it expires.");
  if (readsLeft > 0)
    return tell(io, `It can be opened ${count(readsLeft, "more time", "more times")} until it expires.`);
  tell(
    io,
    confirmed
      ? "The service gives the secret to no further reader, and destroys it as soon as nobody else is still receiving it."
      : `The service did not confirm that it destroyed the secret. It does so by ${time(leaseEnds)} at the latest.`,
  );
}
