/** Turns a passphrase into 32 bytes, slowly: `stretchPassphrase` of `@mayfly/crypto/passphrase`, or a worker around it. */
export type StretchPassphrase = (
  passphrase: string,
  salt: Uint8Array,
  options: { onProgress?(fraction: number): void; signal?: AbortSignal },
) => Promise<Uint8Array>;

/** Stretches in this thread, in slices; its code loads at the first use. */
export const stretchHere: StretchPassphrase = async (passphrase, salt, options) => {
  const { stretchPassphrase } = await import("@mayfly/crypto/passphrase");
  return stretchPassphrase(passphrase, salt, options);
};
