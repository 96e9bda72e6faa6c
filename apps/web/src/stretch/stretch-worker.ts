import { CryptoError } from "@mayfly/crypto";
import { stretchPassphrase } from "@mayfly/crypto/passphrase";
import type { StretchAnswer, StretchRequest } from "./stretch-messages.ts";

// The DOM's types know a page's scope only; of a worker's, this is all that is needed.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<StretchRequest>) => void;
  postMessage(answer: StretchAnswer): void;
};

scope.onmessage = async ({ data: { passphrase, salt } }) => {
  try {
    const key = await stretchPassphrase(passphrase, salt, {
      onProgress: (fraction) => scope.postMessage({ fraction }),
    });
    scope.postMessage({ key });
  } catch (error) {
    scope.postMessage({ reason: error instanceof CryptoError ? error.reason : "argument" });
  }
};
