import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DescribedSchema, fieldFaults } from "../src/faults.ts";
import { ReserveBody } from "../src/schemas.ts";
import { bodies, faultsOf, requestNames } from "./judge.ts";

const error = (instancePath: string, keyword = "type", params = {}) => ({ instancePath, keyword, params });

/** Every field of a schema, as a fault would name it. */
function sentences(schema: DescribedSchema, field = "body"): Map<string, string | undefined> {
  const all = new Map([[field, schema.description]]);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    for (const entry of sentences(inner, field === "body" ? name : `${field}.${name}`)) all.set(...entry);
  }
  return all;
}

describe("fieldFaults", () => {
  it("names a missing field, not the object around it", () => {
    const errors = [error("/verifiers", "required", { missingProperty: "link" })];
    expect(fieldFaults(ReserveBody, errors)).toEqual([
      {
        field: "verifiers.link",
        allowed: "SHA-256 of the link proof: 32 bytes as base64url without padding (43 characters)",
      },
    ]);
  });

  it("answers an unknown field with its object's own name and fields", () => {
    const errors = [error("/verifiers", "additionalProperties", { additionalProperty: "<canary>" })];
    expect(fieldFaults(ReserveBody, errors)).toEqual([
      {
        field: "verifiers",
        allowed: "an object of exactly link, passphrase, manage (passphrase may be left out)",
      },
    ]);
  });

  it("makes one fault of all that is said about one field", () => {
    expect(faultsOf("ReserveBody", { ...valid, reads: 1.5 })).toEqual([
      { field: "reads", allowed: 'how many readers: a whole number from 1 to 100, or "unlimited"' },
    ]);
  });

  it("keeps the schema's order, whatever the order of the errors", () => {
    const errors = ["/verifiers/manage", "/bytes", "", "/verifiers", "/lifetime"].map((path) => error(path));
    const fields = fieldFaults(ReserveBody, errors).map(({ field }) => field);
    expect(fields).toEqual(["body", "lifetime", "bytes", "verifiers", "verifiers.manage"]);
  });

  it("leaves out what is not in the schema", () => {
    expect(fieldFaults(ReserveBody, [error("/other/place"), error("/__proto__")])).toEqual([]);
  });

  it.each(requestNames)("has a short sentence for every field of %s", (name) => {
    for (const [, sentence] of sentences(bodies[name])) {
      expect(sentence?.length).toBeGreaterThan(10);
      expect(sentence?.length).toBeLessThanOrEqual(300);
    }
  });

  it.each(requestNames)("says nothing but its own sentences, whatever is sent as %s", (name) => {
    const known = sentences(bodies[name]);
    const fields = Object.fromEntries(
      Object.keys(bodies[name].properties).map((key) => [key, fc.jsonValue()]),
    );
    const anything = fc.oneof(fc.jsonValue(), fc.record(fields, { requiredKeys: [] }));
    fc.assert(
      fc.property(anything, (body) => {
        const faults = faultsOf(name, body);
        expect(faults).not.toEqual([]);
        for (const { field, allowed } of faults) expect(known.get(field)).toBe(allowed);
        expect(new Set(faults.map(({ field }) => field)).size).toBe(faults.length);
      }),
    );
  });
});

const valid = {
  lifetime: 3600,
  reads: 1,
  bytes: 334,
  verifiers: { link: "A".repeat(43), manage: "A".repeat(43) },
};
