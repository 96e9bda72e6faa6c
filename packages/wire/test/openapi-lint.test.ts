import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { openapi } from "../src/openapi.ts";

/** Redocly's strictest recommendation, and rules of its that are off there. */
const config = await createConfig({
  extends: ["recommended-strict"],
  rules: {
    "component-name-unique": "error",
    "operation-4xx-problem-details-rfc7807": "error",
    "operation-description": "error",
    "operation-singular-tag": "error",
    "operation-tag-defined": "error",
    "parameter-description": "error",
    "path-params-defined": "error",
    "spec-strict-refs": "error",
  },
});

/** What the linter finds, as `rule at place`. */
async function faultsOf(document: object): Promise<string[]> {
  const faults = await lintFromString({ source: JSON.stringify(document), config });
  return faults.map(({ ruleId, location }) => `${ruleId} at ${location[0]?.pointer}`);
}

const served = () => openapi({ version: "1.2.3", server: "https://secrets.mayfly.example" });

/** Read as any program would: as JSON, without what `undefined` leaves. */
// biome-ignore lint/suspicious/noExplicitAny: a fault may be planted anywhere.
const copy = (): any => JSON.parse(JSON.stringify(served()));

describe("a public linter", () => {
  it("finds nothing in the document", async () => {
    expect(await faultsOf(served())).toEqual([]);
  });

  it.each([
    [
      "an operation's name given twice",
      "operation-operationId-unique",
      (document: ReturnType<typeof copy>) => {
        document.paths["/api/v1/secrets/{id}"].delete.operationId = "reserve";
      },
    ],
    [
      "a way in that nobody defined",
      "security-defined",
      (document) => {
        document.paths["/api/v1/secrets/{id}"].delete.security = [{ password: [] }];
      },
    ],
    [
      "an operation that says nothing of who may",
      "security-defined",
      (document) => {
        delete document.paths["/api/v1/service"].get.security;
      },
    ],
    [
      "a request's example that its schema refuses",
      "no-invalid-media-type-examples",
      (document) => {
        document.paths["/api/v1/secrets"].post.requestBody.content["application/json"].example.lifetime = 1;
      },
    ],
    [
      "a problem's example that its schema refuses",
      "no-invalid-media-type-examples",
      (document) => {
        document.components.examples.gone.value.state = "lost";
      },
    ],
    [
      "a part of a path without its parameter",
      "path-parameters-defined",
      (document) => {
        delete document.paths["/api/v1/secrets/{id}"].delete.parameters;
      },
    ],
    [
      "a reference to nothing",
      "no-unresolved-refs",
      (document) => {
        delete document.components.schemas.Status;
      },
    ],
    [
      "a word that OpenAPI does not have",
      "struct",
      (document) => {
        document.paths["/api/v1/service"].get.answers = {};
      },
    ],
    [
      "a component that nothing points at",
      "no-unused-components",
      (document) => {
        document.components.schemas.Forgotten = { type: "string" };
      },
    ],
    [
      "a refusal that is no problem document",
      "operation-4xx-problem-details-rfc7807",
      (document) => {
        document.components.responses.conflict.content = { "application/json": {} };
      },
    ],
    [
      "a required field that is not described",
      "no-required-schema-properties-undefined",
      (document) => {
        delete document.components.schemas.ClaimBody.properties.claim;
      },
    ],
  ] satisfies [string, string, (document: ReturnType<typeof copy>) => void][])(
    "would find %s",
    async (_what, rule, plant) => {
      const document = copy();
      plant(document);
      expect(await faultsOf(document)).toContainEqual(expect.stringMatching(`^${rule} at #/`));
    },
  );
});
