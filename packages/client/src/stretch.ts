/**
 * Stretches a passphrase to 32 bytes: `stretchPassphrase` of `@mayfly/crypto/passphrase`, perhaps in a
 * worker.
 */
export type StretchPassphrase = (
  passphrase: string,
  salt: Uint8Array,
  options: { onProgress?(fraction: number): void; signal?: AbortSignal },
) => Promise<Uint8Array>;

/** Stretches in this thread, in slices. The code loads at the first use. */
export const stretchHere: StretchPassphrase = async (passphrase, salt, options) => {
  const { stretchPassphrase } = await import("@mayfly/crypto/passphrase");
  return stretchPassphrase(passphrase, salt, options);
};
