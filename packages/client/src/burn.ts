import { deriveManageToken, encodeBase64url } from "@mayfly/crypto";
import { doneAnswer } from "./answers.ts";
import { ClientError } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { codeOf, type LinkLike } from "./link-like.ts";
import { retried, threeTries } from "./retry.ts";

/**
 * Destroys a secret. Idempotent. Throws ClientError: `gone`, with its state, if the secret has ended
 * otherwise; `wrong_link` unless the link is a manage link.
 */
export async function burn(
  connection: Connection,
  manageLink: LinkLike,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  const { kind, id, secret } = codeOf(manageLink);
  if (kind !== "manage") throw new ClientError("wrong_link");
  const call = { id: encodeBase64url(id), bearer: encodeBase64url(deriveManageToken(secret)), ...options };
  await retried(async () => doneAnswer(await connection.send("burn", call)), threeTries(options.signal));
}
