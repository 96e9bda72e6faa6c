import type { FastifyInstance } from "fastify";
import { repeatsKey } from "./json-keys.ts";
import { notJson, ProblemError } from "./problem.ts";

const BYTE_ORDER_MARK = "\uFEFF";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Takes `application/json` and nothing else: other types, and bodies that are compressed, are refused before they are read.
 * Invalid UTF-8, a byte order mark and a key given twice are refused, not repaired. Keys such as `__proto__` arrive as own properties,
 * which the closed schemas refuse like any unknown field.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    // As generated clients send none: with the type all the same.
    if (body.length === 0) return done(null, undefined);
    const value = bodyOf(body as Buffer);
    if (value === undefined) done(notJson());
    else done(null, value);
  });
  app.addHook("preParsing", (request, _reply, _payload, done) => {
    const encoding = request.headers["content-encoding"];
    done(
      encoding === undefined || encoding === "identity"
        ? undefined
        : new ProblemError("unsupported_media_type"),
    );
  });
}

/** undefined, which no JSON is, for everything that is refused. */
function bodyOf(body: Buffer): unknown {
  try {
    const text = utf8.decode(body);
    const value: unknown = JSON.parse(text);
    return text.startsWith(BYTE_ORDER_MARK) || repeatsKey(text, value) ? undefined : value;
  } catch {
    // Its message would repeat the body.
    return undefined;
  }
}
