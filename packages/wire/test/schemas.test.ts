import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultsOf, requestNames } from "./judge.ts";

interface Vectors {
  accept: { name: string; body: unknown }[];
  reject: { name: string; body: unknown; fields: string[] }[];
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/bodies.json", import.meta.url), "utf8"));

describe.each(requestNames)("%s", (name) => {
  const { accept, reject }: Vectors = vectors[name];

  it.each(accept)("takes $name", ({ body }) => {
    expect(faultsOf(name, body)).toEqual([]);
  });

  it.each(reject)("refuses $name", ({ body, fields }) => {
    const sent = JSON.stringify(body);
    expect(faultsOf(name, body).map(({ field }) => field)).toEqual(fields);
    expect(JSON.stringify(body)).toBe(sent);
  });
});

it("leaves no prototype changed by any vector", () => {
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
