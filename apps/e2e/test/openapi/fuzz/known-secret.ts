/** A secret of the fuzzer's own: everything that its sender and its reader would know, and how far its life has come. */
import { createHash } from "node:crypto";

/** Lengths that padding gives, by how many parts of 64 KiB they make. */
export const lengths = { onePart: 334, threeParts: 131_166 } as const;

const MAGIC = Buffer.from("MFLY\u0001");

export class KnownSecret {
  readonly linkProof: string;
  readonly passphraseProof: string | null;
  readonly manageToken: string;
  readonly claim: string;
  readonly bytes: number;
  /** What the service said of its reservation; null before. */
  place: { readonly id: string; readonly parts: number; readonly partBytes: number } | null = null;
  /** The next part to deposit, and to fetch. */
  deposited = 0;
  fetched = 0;
  /** Burned, or read and acknowledged: nothing comes next. */
  isOver = false;

  /** The same for the same entropy. */
  constructor(entropy: Uint8Array, { bytes, passphrase }: { bytes: number; passphrase: boolean }) {
    const drawn = (what: string) => digest(Buffer.concat([Buffer.from(what), entropy])).toString("base64url");
    this.linkProof = drawn("link");
    this.passphraseProof = passphrase ? drawn("passphrase") : null;
    this.manageToken = drawn("manage");
    this.claim = drawn("claim");
    this.bytes = bytes;
  }

  part(number: number): Buffer {
    const { parts, partBytes } = this.place ?? { parts: 1, partBytes: this.bytes };
    const length = number < parts - 1 ? partBytes : this.bytes - partBytes * (parts - 1);
    const bytes = Buffer.alloc(length, 0x40 + (number % 64));
    if (number === 0) MAGIC.copy(bytes);
    return bytes;
  }

  /** What it would put into a body, by the field's name: undefined where the field has to be left out. */
  knows(): Readonly<Record<string, unknown>> {
    return {
      bytes: this.bytes,
      linkProof: this.linkProof,
      claim: this.claim,
      passphraseProof: this.passphraseProof ?? undefined,
      link: verifierOf(this.linkProof),
      passphrase: this.passphraseProof === null ? undefined : verifierOf(this.passphraseProof),
      manage: verifierOf(this.manageToken),
    };
  }

  /** The operation that comes next in its life, as its sender and its one reader live it. */
  next(): string {
    if (this.place === null) return "reserve";
    if (this.deposited < this.place.parts) return "deposit";
    if (this.fetched === 0) return "open";
    return this.fetched < this.place.parts ? "part" : "acknowledge";
  }

  /** Whether a request is about this secret: by its id, or, while it is reserved, by both of its verifiers. */
  isMeantBy({ target, body }: { readonly target: string; readonly body: Buffer | null }): boolean {
    if (this.place !== null) return target.includes(this.place.id);
    const { link, manage } = this.knows();
    return [link, manage].every((verifier) => body?.includes(String(verifier)));
  }

  /** Takes note of a success. */
  succeeded(operation: string, body: Buffer): void {
    if (operation === "reserve") this.place = JSON.parse(body.toString()) as KnownSecret["place"];
    if (operation === "deposit") this.deposited += 1;
    if (operation === "open") this.fetched = Math.max(this.fetched, 1);
    if (operation === "part") this.fetched += 1;
    if (operation === "burn") this.isOver = true;
    if (operation === "acknowledge" && this.fetched > 0) this.isOver = true;
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function verifierOf(proof: string): string {
  return digest(Buffer.from(proof, "base64url")).toString("base64url");
}

/** Which optional field belongs beside which: it is there when the secret has a passphrase, and only then. */
const beside: Readonly<Record<string, string>> = { linkProof: "passphraseProof", link: "passphrase" };

/** A body that fits the schema, with what the secret knows in the place of what was drawn. */
export function withKnown(body: unknown, secret: KnownSecret): unknown {
  const known = secret.knows();
  return replaced(body);

  function replaced(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const names = Object.keys(value);
    const optional = names.length > 1 ? names.flatMap((name) => beside[name] ?? []) : [];
    const fields = [...new Set([...names, ...optional])].map((name) => [
      name,
      name in known ? known[name] : replaced((value as Record<string, unknown>)[name]),
    ]);
    return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined));
  }
}
