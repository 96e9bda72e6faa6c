import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const YEAR_MS = 31_536_000_000;

/**
 * https://github.com/fastify/fastify-static: serves the folder of the built assets, as the compressed files that the build
 * made. Their names contain a hash of their content, so a browser may keep them for good.
 */
export async function serveAssets(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(async (assets) => {
    // An asset never changes under its name, so these conditions are ignored. The plugin throws if one fails.
    assets.addHook("onRequest", async ({ raw: { headers } }) => {
      delete headers["if-match"];
      delete headers["if-unmodified-since"];
    });
    await assets.register(fastifyStatic, {
      root: folder,
      prefix: "/assets/",
      // One route for each file that is there at the start: no request reads the folder.
      wildcard: false,
      index: false,
      preCompressed: true,
      acceptRanges: false,
      immutable: true,
      maxAge: YEAR_MS,
      decorateReply: false,
    });
  });
}
