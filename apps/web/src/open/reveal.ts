import type { SecretOpener } from "@mayfly/client";
import type { OpenEvent } from "./open-machine.ts";

interface RevealOptions {
  /** Undefined for a link that wants none. */
  passphrase: string | undefined;
  /** Resolves when the page can show a secret; awaited before the service is asked for anything. */
  ready(): Promise<void>;
  tell(event: OpenEvent): void;
}

/**
 * Opens with this reader's one claim and tells each step. Never rejects.
 */
export async function reveal(
  opener: SecretOpener,
  { passphrase, ready, tell }: RevealOptions,
): Promise<void> {
  tell({ type: "revealed" });
  try {
    await ready();
    const opened = await opener.open({
      ...(passphrase !== undefined && { passphrase }),
      onProgress: (progress) => tell({ type: "progressed", progress }),
    });
    tell({ type: "opened", opened });
    tell({ type: "confirmed", confirmed: await opened.acknowledged });
  } catch (error) {
    tell({ type: "failed", error });
  }
}
