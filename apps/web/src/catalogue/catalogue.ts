import type { EndState, State } from "@mayfly/wire";
import type { LinkFault } from "../address.ts";
import type { Unfit } from "../environment.ts";
import type { Fault } from "../fault.ts";
import type { Hold } from "../open/open-machine.ts";

type Reads = number | "unlimited";

/**
 * Every sentence that the page shows. Each language is one file beside this one. A function takes what stands in its
 * sentence; times are ISO 8601.
 */
export interface Catalogue {
  /** A BCP 47 tag, for the document's `lang`. */
  language: string;
  direction: "ltr" | "rtl";
  page: PageSentences;
  compose: ComposeSentences;
  ready: ReadySentences;
  open: OpenSentences;
  opened: OpenedSentences;
  ended: EndedSentences;
  broken: BrokenSentences;
  manage: ManageSentences;
}

/** A heading and what stands below it. */
interface TitledText {
  title: string;
  text: string;
}

/** What every view needs. */
interface PageSentences {
  /** What went wrong, with the times and counts that the fault brings. */
  fault(fault: Fault): string;
  span(seconds: number): string;
  /** While the page retries: until when; null during a halt. */
  waiting(until: string | null): string;
  copied: string;
  copyPassphrase: string;
  copyDenied: string;
  show: string;
  hide: string;
  tryAgain: string;
  cleared: TitledText;
  lost: TitledText;
  halted: { title: string; why(lastSweepAt: string | null): string; wait: string };
  unfit: Record<Unfit, string>;
  unfitTitle: string;
  newSecret: string;
  footer: { what: string; keeps: string; state: string };
}

/** The sender's form. */
interface ComposeSentences {
  title: string;
  lead: string;
  message: string;
  lifetime: string;
  reads: string;
  readsChoice(reads: Reads): string;
  passphrase: string;
  passphraseHint: string;
  suggest: string;
  suggested(bits: number): string;
  protect: string;
  steps: Record<"stretching" | "reserving" | "sealing" | "storing" | "withdrawn", string>;
  storing: string;
}

/** The finished link. */
interface ReadySentences {
  title: string;
  link: string;
  expires(reads: Reads, at: string): string;
  /** The link in a note to its recipient. */
  share(link: string, reads: Reads, at: string): string;
  copyLink: string;
  copyShare: string;
  qr: string;
  qrHide: string;
  qrLabel: string;
  passphrase: string;
  visits: string;
  manage: string;
  manageHint: string;
  manageLink: string;
  copyManage: string;
  another: string;
  notCopied: string;
  ended: string;
}

/** The recipient's page, before the secret is opened. */
interface OpenSentences {
  title: string;
  lead: string;
  mayEnd: string;
  passphrase: string;
  passphraseHint: string;
  reveal: string;
  /** The page may have taken a read that it did not receive. */
  held(hold: string): string;
  steps: Record<"stretching" | "receiving", string>;
  seen: string;
}

/** The opened secret. */
interface OpenedSentences {
  title: string;
  copy: string;
  copyField(name: string): string;
  save: string;
  saveText: string;
  saveBytes: string;
  sized(bytes: number): string;
  beginning: string;
  unreadable: string;
  unsaved(at: string): string;
  asking: string;
  confirmed: string;
  unconfirmed(at: string): string;
  /** Seconds until the service's files hold nothing of the secret; null when the service cannot say. */
  erased(within: number | null): string;
  copyFirst: string;
  readsLeft(left: Reads): string;
}

/** A secret that its link cannot open any more. */
export interface EndedSentences {
  states: Record<EndState, { title: string; text(at: string | undefined, hold: Hold): string }>;
  notFound: string;
  damaged: string;
}

/** A link that is incomplete, or of the other kind than its address is for. */
interface BrokenSentences {
  title(reason: LinkFault): string;
  reason(reason: LinkFault): string;
  /** Of a pasted text instead of the address. */
  pasted(reason: LinkFault): string;
  usesNothing: string;
  seen: string;
  paste: string;
  go: string;
  mixed: Record<"manageTitle" | "manage" | "goManage" | "linkTitle" | "link" | "goOpen", string>;
}

/** The manage page. */
interface ManageSentences {
  title: string;
  state: string;
  states: Record<State, string>;
  openedAt: string;
  never: string;
  endedAt: string;
  expiresAt: string;
  readsLeft: string;
  unlimited: string;
  attemptsLeft: string;
  told(at: string): string;
  history: string;
  asking: string;
  refresh: string;
  burn: string;
  burnSure: string;
  burnYes: string;
  burnNo: string;
  burning: string;
  burned: string;
  exact(at: string): string;
}
