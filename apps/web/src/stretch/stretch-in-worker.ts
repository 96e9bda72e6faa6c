import { ClientError, type StretchPassphrase } from "@mayfly/client";
import { CryptoError } from "@mayfly/crypto";
import type { StretchAnswer, StretchRequest } from "./stretch-messages.ts";
import workerUrl from "./stretch-worker.ts?worker&url";

/** What the policy of the API's headers names under `trusted-types`. It makes one constant address and nothing else. */
const policyName = "mayfly-worker";

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(): string },
  ): { createScriptURL(input: string): string };
}

let trustedUrl: string | undefined;

/** `new Worker` takes only a TrustedScriptURL under require-trusted-types-for; a policy of one name may be made once. */
function trustedWorkerUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedUrl ??= trustedTypes
    ? trustedTypes.createPolicy(policyName, { createScriptURL: () => workerUrl }).createScriptURL("")
    : workerUrl;
  return trustedUrl;
}

/** Stretches beside the page, so that it stays alive. Throws ClientError "offline" when the worker cannot be loaded. */
export const stretchInWorker: StretchPassphrase = (passphrase, salt, { onProgress, signal }) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = new Worker(trustedWorkerUrl(), { type: "module" });
    const end = (settle: () => void) => {
      worker.terminate();
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => end(() => reject(signal?.reason));
    signal?.addEventListener("abort", abort);
    worker.onerror = () => end(() => reject(new ClientError("offline")));
    worker.onmessage = ({ data }: MessageEvent<StretchAnswer>) => {
      if ("fraction" in data) onProgress?.(data.fraction);
      else if ("key" in data) end(() => resolve(data.key));
      else end(() => reject(new CryptoError(data.reason)));
    };
    worker.postMessage({ passphrase, salt } satisfies StretchRequest);
  });
