/** The protocol by hand, one request at a time, for what a well-behaved client never does. */
import { randomBytes } from "node:crypto";
import {
  deriveKeys,
  deriveManageToken,
  encodeBase64url,
  type LinkCode,
  passphraseSalt,
  readLink,
} from "@mayfly/crypto";
import { stretchPassphrase } from "@mayfly/crypto/passphrase";
import { until } from "@mayfly/lab/until";
import { type RouteName, routePath, routes } from "@mayfly/wire";

export interface Sending {
  readonly id?: string;
  readonly part?: number;
  readonly json?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly bearer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request of the wire's table, as it is. */
export function send(origin: string, route: RouteName, sending: Sending = {}): Promise<Response> {
  const { id, part, json, bytes, bearer, headers } = sending;
  const type = bytes ? "application/octet-stream" : "application/json";
  const body = bytes ?? (json === undefined ? null : JSON.stringify(json));
  const path = routePath(route, { ...(id !== undefined && { id }), ...(part !== undefined && { part }) });
  return fetch(origin + path, {
    method: routes[route].method,
    headers: {
      ...(body !== null && { "Content-Type": type }),
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    body,
  });
}

/** Asks again while the answer is 503, which an overloaded service may give to anything. */
export function insist(ask: () => Promise<Response>): Promise<Response> {
  return until("another answer than 503", async () => {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    await answer.body?.cancel();
    return null;
  });
}

export function newClaim(): string {
  return encodeBase64url(randomBytes(32));
}

/** What a link's or manage link's holder can show, as it stands in requests. */
export interface Shown {
  readonly code: LinkCode;
  readonly id: string;
  /** Of a link: the token, which no request may carry. Of a manage link: the manage token, derived from its seed. */
  readonly token: string;
  /** Of a link: its proofs. */
  readonly linkProof: string;
  readonly passphraseProof: string | undefined;
}

/** Takes a second with a passphrase. */
export async function shownBy(link: string, passphrase?: string): Promise<Shown> {
  const { code } = readLink(link);
  const password =
    passphrase === undefined ? undefined : await stretchPassphrase(passphrase, passphraseSalt(code.secret));
  const keys = deriveKeys(code.secret, password);
  return {
    code,
    id: encodeBase64url(code.id),
    token: encodeBase64url(code.kind === "manage" ? deriveManageToken(code.secret) : code.secret),
    linkProof: encodeBase64url(keys.linkProof),
    passphraseProof: keys.passphraseProof && encodeBase64url(keys.passphraseProof),
  };
}

/** Opens once, with this claim. */
export function open(origin: string, shown: Shown, claim: string): Promise<Response> {
  const { id, linkProof, passphraseProof } = shown;
  return send(origin, "open", {
    id,
    json: { linkProof, ...(passphraseProof !== undefined && { passphraseProof }), claim },
  });
}
