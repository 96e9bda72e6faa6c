/** Everybody who has to do with one secret, over real HTTP: each verb is one request and one event of the history. */
import { createHash, randomBytes } from "node:crypto";
import type { Reserved } from "@mayfly/wire";
import { type Answer, type Asking, ask, bytesOutcome, hashOf, outcomeOf } from "./call.ts";
import type { Call, CallKind, Outcome, Recorder, Showing } from "./history.ts";
import type { SecretPlan } from "./plan.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const made = () => text(randomBytes(32));

export interface Claim {
  readonly name: string;
  readonly value: string;
}

export class SecretInUse {
  readonly plan: SecretPlan;
  /** Of the reservation, once there is one. */
  reserved: Reserved | null = null;
  /** A 201 was seen. */
  confirmed = false;
  readonly #recorder: Recorder;
  readonly #origins: readonly string[];
  #claims = 0;

  constructor(plan: SecretPlan, recorder: Recorder, origins: readonly string[]) {
    this.plan = plan;
    this.#recorder = recorder;
    this.#origins = origins;
  }

  claim(by: string): Claim {
    return { name: `${by}/${this.plan.secret}.${this.#claims++}`, value: made() };
  }

  /** Tells the checker about this secret once it is known how it is cut in parts. */
  async reserve(): Promise<Outcome> {
    const { plan } = this;
    const verifier = (proof: Uint8Array) => createHash("sha256").update(proof).digest("base64url");
    return this.#call({ kind: "reserve", by: "sender", showing: "right" }, async () => {
      const answer = await ask("reserve", {
        origin: this.#origin(),
        json: {
          lifetime: plan.lifetimeSeconds,
          reads: plan.reads,
          bytes: plan.envelope.length,
          verifiers: {
            link: verifier(plan.linkProof),
            ...(plan.passphrase && { passphrase: verifier(plan.passphraseProof) }),
            manage: verifier(plan.manageToken),
          },
        },
      });
      return outcomeOf(answer, ({ body }) => {
        this.reserved = JSON.parse(body.toString()) as Reserved;
        return { is: "done", depositBy: Date.parse(this.reserved.depositBy) };
      });
    });
  }

  /** The bytes of a part; needs a reservation. */
  part(part: number): Buffer<ArrayBuffer> {
    const { partBytes } = this.#place;
    return this.plan.envelope.subarray(part * partBytes, (part + 1) * partBytes);
  }

  get parts(): number {
    return this.#place.parts;
  }

  deposit(part: number, showing: Showing = "right"): Promise<Outcome> {
    const bearer = showing === "stranger" ? made() : text(this.plan.manageToken);
    return this.#call({ kind: "deposit", by: by(showing, "sender"), showing, part }, async () => {
      const answer = await this.#ask("deposit", { part, bytes: this.part(part), bearer });
      return outcomeOf(answer, ({ status, body }) => {
        const said = JSON.parse(body.toString()) as { missing?: [number, number][]; expiresAt?: string };
        if (status !== 201) return { is: "done", missing: countOf(said.missing ?? []) };
        if (showing === "right") this.confirmed = true;
        return { is: "done", expiresAt: Date.parse(String(said.expiresAt)) };
      });
    });
  }

  open(claim: Claim, showing: Showing = "right", who = "opener"): Promise<Outcome> {
    const { plan } = this;
    const passphraseProof = showing === "wrong_passphrase" ? made() : text(plan.passphraseProof);
    const json = {
      linkProof: showing === "stranger" ? made() : text(plan.linkProof),
      ...(plan.passphrase && showing !== "no_passphrase" && { passphraseProof }),
      claim: claim.value,
    };
    return this.#call({ kind: "open", by: by(showing, who), showing, claim: claim.name }, async () =>
      outcomeOf(await this.#ask("open", { json }), bytesOutcome),
    );
  }

  readOn(claim: Claim, part: number, showing: Showing = "right"): Promise<Outcome> {
    return this.#call(
      { kind: "part", by: by(showing, "opener"), showing, claim: claim.name, part },
      async () => outcomeOf(await this.#ask("part", { part, json: { claim: claim.value } }), bytesOutcome),
    );
  }

  acknowledge(claim: Claim, showing: Showing = "right"): Promise<Outcome> {
    return this.#call(
      { kind: "acknowledge", by: by(showing, "opener"), showing, claim: claim.name },
      async () =>
        outcomeOf(await this.#ask("acknowledge", { json: { claim: claim.value } }), () => ({ is: "done" })),
    );
  }

  burn(showing: Showing = "right"): Promise<Outcome> {
    const bearer = showing === "stranger" ? made() : text(this.plan.manageToken);
    return this.#call({ kind: "burn", by: by(showing, "sender"), showing }, async () =>
      outcomeOf(await this.#ask("burn", { bearer }), () => ({ is: "done" })),
    );
  }

  status(holding: "link" | "manage", showing: Showing = "right"): Promise<Outcome> {
    const linkProof = showing === "stranger" ? made() : text(this.plan.linkProof);
    const shown = holding === "link" ? { json: { linkProof } } : { bearer: text(this.plan.manageToken) };
    return this.#call({ kind: "status", by: by(showing, holding), showing }, async () =>
      outcomeOf(await this.#ask("status", shown), ({ body }) => {
        const { state, readsLeft, attemptsLeft, expiresAt } = JSON.parse(body.toString());
        return { is: "status", state, readsLeft, attemptsLeft, expiresAt: Date.parse(expiresAt) };
      }),
    );
  }

  /** SHA-256 of every part, as the checker wants them. */
  hashes(): string[] {
    return Array.from({ length: this.parts }, (_, part) => hashOf(this.part(part)));
  }

  get #place(): Reserved {
    if (this.reserved === null) throw new Error("there is no reservation yet");
    return this.reserved;
  }

  #origin(): string {
    return this.plan.ways.pick(this.#origins);
  }

  #ask(kind: CallKind, asking: Omit<Asking, "origin" | "id">): Promise<Answer | { readonly why: string }> {
    return ask(kind, { origin: this.#origin(), id: this.#place.id, ...asking });
  }

  #call(
    about: Pick<Call, "kind" | "by" | "showing"> & Partial<Pick<Call, "claim" | "part">>,
    make: () => Promise<Outcome>,
  ): Promise<Outcome> {
    return this.#recorder.call({ secret: this.plan.secret, ...about }, make);
  }
}

function by(showing: Showing, who: string): string {
  return showing === "stranger" ? "thief" : showing === "right" ? who : "guesser";
}

function countOf(ranges: readonly [number, number][]): number {
  return ranges.reduce((count, [first, last]) => count + last - first + 1, 0);
}
