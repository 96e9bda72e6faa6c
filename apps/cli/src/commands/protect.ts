import {
  type Client,
  checkPassphrase,
  createClient,
  envelopeLength,
  type Protected,
  type ProtectProgress,
  type Service,
} from "@mayfly/client";
import { READS, UNLIMITED_READS } from "@mayfly/wire";
import { count, secondsOf, size, span, time } from "../amounts.ts";
import { Fault, Stopped } from "../fault.ts";
import { checkPassphraseOptions, passphraseForSending } from "../input/passphrase.ts";
import { checkSecretOptions, secretGiven } from "../input/secret.ts";
import { type Io, isTyped, tell } from "../io.ts";
import { answer, answerJson, demandReader } from "../output/answer.ts";
import { createProgress } from "../output/progress.ts";
import { qrCode, takesColour } from "../output/qr.ts";
import { waitingFor } from "../output/waiting.ts";
import { serverFor } from "../server.ts";
import type { Session } from "../session.ts";
import { demandAccepting } from "./service.ts";

type Reads = number | typeof UNLIMITED_READS;

/** Seals what is given, and answers its link. */
export async function protect({ invocation, io, terminal }: Session): Promise<void> {
  const server = serverFor(invocation, io);
  const reads = readsOf(invocation.value("reads"));
  const wished = lifetimeWished(invocation.value("expires"));
  demandReader(io);
  checkSecretOptions(invocation);
  checkPassphraseOptions(invocation, !isTyped(io) && !invocation.has("file"));

  // Asked first, so that nobody types a secret, or waits for a large one, in vain.
  const client = createClient({ server });
  const service = await client.service({ signal: io.signal });
  demandAccepting(service);
  const lifetime = withinLimits(service.limits, wished, reads);

  const secret = await secretGiven(invocation, io, terminal);
  const bytes = envelopeLength(secret.content.length, secret.meta);
  if (bytes > service.limits.envelopeBytes)
    throw new Fault(
      "usage",
      `This is ${size(bytes)} when sealed, and the service takes ${size(service.limits.envelopeBytes)} at most. Nothing was sent.`,
    );
  const { passphrase, made } = await passphraseForSending(invocation, io, terminal);
  if (passphrase !== undefined) checkPassphrase(passphrase);

  const progress = createProgress(io);
  let withdrawn: boolean | undefined;
  const links = await client
    .protect(secret, {
      lifetime,
      reads,
      ...(passphrase !== undefined && { passphrase }),
      signal: io.signal,
      onProgress: (step) => {
        if (step.step === "withdrawn") withdrawn = step.confirmed;
        else if (step.step === "waiting") progress.say(waitingFor(step));
        else progress.show(...progressOf(step));
      },
    })
    .catch((error: unknown) => {
      progress.clear();
      if (error instanceof Stopped) throw new Stopped(error.exit, fateOfDeposit(withdrawn));
      if (withdrawn === false) tell(io, fateOfDeposit(withdrawn));
      throw error;
    })
    .finally(() => progress.clear());
  await handOver(links, client, io, async () => {
    if (!invocation.has("json")) return answer(io, `${links.link}\n`);
    return answerJson(io, {
      link: links.link,
      manageLink: links.manageLink,
      expiresAt: links.expiresAt,
      reads,
      hasPassphrase: passphrase !== undefined,
      ...(made && { passphrase }),
    });
  });
  if (invocation.has("qr")) tell(io, qrCode(links.link, takesColour(io)));
  if (invocation.has("json")) return;
  tell(io, `It ${opens(reads)}, until ${time(links.expiresAt)}. Then it is gone.`);
  if (made) tell(io, `Passphrase, to be told by another way than the link: ${passphrase}`);
  tell(io, `Manage link, for you alone (status, burn): ${links.manageLink}`);
}

/** Writes the link. A secret whose link reached nobody is burned: it would only wait for its end. */
async function handOver(
  { manageLink }: Protected,
  client: Client,
  io: Io,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    // Whoever stops it now wants no secret left behind either.
    await client.burn(manageLink).catch(() => tell(io, fateOfDeposit(false)));
    throw error;
  }
}

/** What became of what was stored; undefined when nothing was. */
function fateOfDeposit(destroyed: boolean | undefined): string {
  if (destroyed === undefined) return "Nothing was stored.";
  return destroyed
    ? "What was stored is destroyed."
    : "The service did not confirm that it destroyed what was stored. Nobody was given its link.";
}

function progressOf(step: ProtectProgress): [label: string, fraction: number] {
  switch (step.step) {
    case "stretching":
      return ["Working the passphrase in", step.fraction];
    case "storing":
      return ["Storing", step.deposited / step.parts];
    default:
      return ["Storing", 0];
  }
}

function readsOf(text = String(READS.default)): Reads {
  if (text === UNLIMITED_READS) return UNLIMITED_READS;
  const reads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (reads < READS.min || reads > READS.max)
    throw new Fault(
      "usage",
      `--reads takes a number from ${READS.min} to ${READS.max}, or ${UNLIMITED_READS}.`,
    );
  return reads;
}

function lifetimeWished(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = secondsOf(text);
  if (seconds === null)
    throw new Fault("usage", "--expires takes a number and a unit: 5m, 1h, 7d (s, m, h, d or w).");
  return seconds;
}

/** The lifetime in seconds. Throws Fault "usage" for what this service does not allow. */
function withinLimits(
  { lifetimeSeconds: { min, max, default: usual }, readsMax }: Service["limits"],
  wished: number | undefined,
  reads: Reads,
): number {
  const lifetime = wished ?? usual;
  if (lifetime < min || lifetime > max)
    throw new Fault(
      "usage",
      `This service keeps secrets for ${span(min)} to ${span(max)}. Nothing was sent.`,
    );
  if (reads !== UNLIMITED_READS && reads > readsMax)
    throw new Fault(
      "usage",
      `This service allows ${count(readsMax, "read", "reads")} at most. Nothing was sent.`,
    );
  return lifetime;
}

function opens(reads: Reads): string {
  if (reads === UNLIMITED_READS) return "opens as often as wanted";
  return reads === 1 ? "opens once" : `opens ${reads} times`;
}
