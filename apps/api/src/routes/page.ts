import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { NO_STORE } from "../headers.ts";

/** Where the page lives; the same bytes at each, so that no request tells what it is for. */
export const PAGES = ["/", "/s", "/m"];
const YEAR_SECONDS = 31_536_000;

export interface Page {
  /** The one HTML document, for the pages and for every address that does not exist. */
  readonly html: Buffer;
  readonly assets: string;
}

/** Reads the built page from its folder. Throws when it has not been built. */
export function readPage(directory: string): Page {
  return { html: readFileSync(join(directory, "index.html")), assets: join(directory, "assets") };
}

/**
 * Serves the built page: the document at its addresses, never cached; the assets by their hashed names, cached for good,
 * as the compressed files that the build made.
 */
export async function pageRoutes(app: FastifyInstance, { html, assets }: Page): Promise<void> {
  for (const url of PAGES) {
    app.route({
      method: ["GET", "HEAD"],
      url,
      config: { name: "page", responseBytes: html.length },
      handler: async (_request, reply) => reply.headers(NO_STORE).type("text/html; charset=utf-8").send(html),
    });
  }
  await app.register(fastifyStatic, {
    root: assets,
    prefix: "/assets/",
    wildcard: false,
    index: false,
    preCompressed: true,
    acceptRanges: false,
    immutable: true,
    maxAge: YEAR_SECONDS * 1000,
    decorateReply: false,
  });
}
