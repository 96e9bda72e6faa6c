import type { Log } from "@mayfly/config";
import { StoreUnavailable } from "@mayfly/store";
import type { ProblemCode } from "@mayfly/wire";
import { type DescribedSchema, fieldFaults } from "@mayfly/wire/faults";
import type { FastifyError, FastifyInstance } from "fastify";
import { limitedFor, notJson, ProblemError, sendProblem, wrongFields } from "./problem.ts";

/** Fastify's own refusals, by its error codes, as ours. What is not listed here is our mistake: 500. */
const fastifyCodes: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "invalid_request",
  FST_ERR_MAX_PARAM_LENGTH: "not_found",
};

/**
 * One place where everything thrown becomes an answer. The log gets the route's name and a code, never the error itself:
 * its message, stack and properties may hold what a caller sent.
 */
export function answerFailures(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // Whatever else is wrong with it: it is beyond its quota, and has shown no live claim.
    if (request.beyondQuotaMs > 0) return sendProblem(reply, limitedFor(request.beyondQuotaMs));
    if (error instanceof ProblemError) return sendProblem(reply, error);
    // The client left in the middle of its body, or what came was no HTTP any more: nobody is there to answer, and no fault of ours.
    if (error === request.raw.errored) return sendProblem(reply, new ProblemError("invalid_request"));
    const route = request.routeOptions.config.name ?? "other";
    if (error instanceof StoreUnavailable) {
      log.warn("store_unavailable", { route, code: error.reason });
      return sendProblem(reply, new ProblemError("unavailable"));
    }
    if (error.validation) {
      const schema = request.routeOptions.schema?.body as DescribedSchema;
      return sendProblem(reply, wrongFields(fieldFaults(schema, error.validation)));
    }
    const code = fastifyCodes[error.code];
    if (code === "invalid_request") return sendProblem(reply, notJson());
    if (code !== undefined) return sendProblem(reply, new ProblemError(code));
    log.error("request_failed", { route, code: error.code ?? error.name });
    return sendProblem(reply, new ProblemError("internal"));
  });
}
