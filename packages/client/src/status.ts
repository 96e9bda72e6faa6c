import { deriveKeys, encodeBase64url } from "@mayfly/crypto";
import type { Status } from "@mayfly/wire";
import { statusAnswer } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { codeOf, type LinkLike } from "./link-like.ts";
import { brief, retried } from "./retry.ts";

/** Where a secret is in its life; changes nothing. Takes a link or a manage link. Throws ClientError. */
export async function status(
  { send }: Connection,
  link: LinkLike,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Status> {
  const { kind, id, secret } = codeOf(link);
  const shown =
    kind === "manage"
      ? { bearer: encodeBase64url(secret) }
      : { json: { linkProof: encodeBase64url(deriveKeys(secret).linkProof) } };
  const call = { id: encodeBase64url(id), ...shown, signal };
  return retried(async () => statusAnswer(await (await send("status", call)).json()), brief, signal);
}
