import { type Connection, type Opened, type SecretOpener, service } from "@mayfly/client";
import { contentOf } from "./content.ts";
import type { OpenEvent } from "./open-machine.ts";

interface RevealOptions {
  /** Undefined for a link that wants none. */
  passphrase: string | undefined;
  /** Resolves with the opener once all code is loaded. Awaited before the first request, so a lost chunk loses no read. */
  ready(): Promise<SecretOpener>;
  tell(event: OpenEvent): void;
}

/**
 * Opens the secret and tells each step. Acknowledges at once, except content that can only be saved: see `confirm`.
 * Never rejects.
 */
export async function reveal(
  connection: Connection,
  { passphrase, ready, tell }: RevealOptions,
): Promise<void> {
  let opener: SecretOpener | undefined;
  tell({ type: "revealed" });
  try {
    opener = await ready();
    const opened = await opener.open({
      acknowledge: "manual",
      ...(passphrase !== undefined && { passphrase }),
      onProgress: (progress) => tell({ type: "progressed", progress }),
    });
    const content = contentOf(opened.secret);
    tell({ type: "opened", opened, content });
    if (content.kind !== "unreadable") await confirm(connection, opened, tell);
  } catch (error) {
    const hold = opener?.leaseEnds ?? (opener?.unanswered ? "unanswered" : null);
    tell({ type: "failed", error, hold });
  }
}

/** Acknowledges the read, then asks how soon the service erases the sealed bytes from its files. Never rejects. */
export async function confirm(
  connection: Connection,
  opened: Opened,
  tell: (event: OpenEvent) => void,
): Promise<void> {
  tell({ type: "telling" });
  tell({ type: "confirmed", confirmed: await opened.acknowledge() });
  if (opened.readsLeft !== 0) return;
  const within = await service(connection).then(
    ({ maintenance }) => maintenance.erasedWithinSeconds,
    () => null,
  );
  tell({ type: "erasing", within });
}
