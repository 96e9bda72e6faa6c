import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { negotiate } from "@fastify/accept-negotiator";
import { pages } from "@mayfly/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { NO_STORE } from "../plugins/helmet.ts";
import { serveAssets } from "../plugins/static.ts";

/** By their names in `Accept-Encoding`, the preferred first: how the build calls the compressed file. */
const COMPRESSED = { br: ".br", gzip: ".gz" } as const;
type Encoding = keyof typeof COMPRESSED;

export interface Page {
  /** The one HTML document, as built and in each compressed form that the build made. */
  readonly html: Readonly<Partial<Record<Encoding, Buffer>> & { identity: Buffer }>;
  readonly assets: string;
}

/** Reads the built page from its folder. Throws when it has not been built. */
export function readPage(directory: string): Page {
  const path = join(directory, "index.html");
  const compressed = Object.entries(COMPRESSED)
    .filter(([, ending]) => existsSync(path + ending))
    .map(([encoding, ending]) => [encoding, readFileSync(path + ending)]);
  return {
    html: { identity: readFileSync(path), ...Object.fromEntries(compressed) },
    assets: join(directory, "assets"),
  };
}

/**
 * Serves the built page: the document at each of its addresses, never cached, and the assets by their hashed names,
 * cached for good. Both as the compressed files that the build made.
 */
export async function pageRoutes(app: FastifyInstance, page: Page): Promise<void> {
  for (const url of Object.values(pages)) {
    app.route({
      method: ["GET", "HEAD"],
      url,
      config: { name: "page", responseBytes: page.html.identity.length },
      handler: async (request, reply) => sendDocument(request, reply, page),
    });
  }
  await serveAssets(app, page.assets);
}

/**
 * Sends the document with this status. Not `reply.sendFile` of @fastify/static: the reply to an address
 * that does not decode has no decorations, and a file would be compared with `If-Match` and the like.
 */
export function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  { html }: Page,
  status: 200 | 404 = 200,
): FastifyReply {
  const accepted = Object.keys(COMPRESSED).filter((encoding) => encoding in html) as Encoding[];
  const encoding = negotiate(request.headers["accept-encoding"] ?? "", accepted) ?? "identity";
  if (encoding !== "identity") reply.header("content-encoding", encoding);
  return reply
    .code(status)
    .headers(NO_STORE)
    .header("vary", "accept-encoding")
    .type("text/html; charset=utf-8")
    .send(html[encoding]);
}
