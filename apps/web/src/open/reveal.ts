import type { SecretOpener } from "@mayfly/client";
import type { OpenEvent } from "./open-machine.ts";

/**
 * Opens with this reader's one claim and tells each step. Never rejects. `ready` resolves when the page can show a
 * secret, and is awaited before the service is asked for anything.
 */
export async function reveal(
  opener: SecretOpener,
  passphrase: string | undefined,
  ready: () => Promise<void>,
  tell: (event: OpenEvent) => void,
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
