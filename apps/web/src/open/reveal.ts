import type { SecretOpener } from "@mayfly/client";
import type { OpenEvent } from "./open-machine.ts";

/**
 * Opens with this reader's one claim and tells each step. Never rejects.
 */
export async function reveal(
  opener: SecretOpener,
  passphrase: string | undefined,
  tell: (event: OpenEvent) => void,
): Promise<void> {
  tell({ type: "revealed" });
  try {
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
