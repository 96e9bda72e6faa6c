import { encodeLinkCode } from "@mayfly/crypto";
import { expect, test } from "vitest";
import { decideAddress, decidePasted, shownPath } from "../src/address.ts";

const id = new Uint8Array(16).fill(7);
const secret = new Uint8Array(32).fill(9);
const link = encodeLinkCode({ kind: "link", hasPassphrase: false, id, secret });
const manage = encodeLinkCode({ kind: "manage", hasPassphrase: false, id, secret });
const decide = (path: string) => decideAddress(`https://mayfly.example${path}`);

test("the root composes, a link opens, a manage link manages", () => {
  expect(decide("/")).toEqual({ page: "compose" });
  expect(decide(`/s#${link}`)).toMatchObject({ page: "open", sawServer: false });
  expect(decide(`/m#${manage}`)).toMatchObject({ page: "manage", sawServer: false });
});

test("a link of the other kind is told as what it is", () => {
  expect(decide(`/s#${manage}`)).toMatchObject({ page: "mixed", code: { kind: "manage" } });
  expect(decide(`/m#${link}`)).toMatchObject({ page: "mixed", code: { kind: "link" } });
});

test.each([
  [`/s%23${link}`, "open"],
  [`/%23${link}`, "open"],
  [`/s%2523${link}`, "open"],
  [`/m%23${manage}`, "manage"],
])("a # that became %%23 is repaired, and it is known that the server saw it: %s", (path, page) => {
  expect(decide(path)).toMatchObject({ page, sawServer: true });
});

test("what is left of a link in a path is known to have been seen by the server", () => {
  expect(decide(`/s%23${link.slice(0, 60)}`)).toMatchObject({
    page: "broken",
    reason: "link_incomplete",
    sawServer: true,
  });
});

test.each([
  ["/s", "link_missing"],
  [`/s#${link.slice(0, -1)}`, "link_incomplete"],
  [`/s#${link.slice(0, -5)}AAAAA`, "link_damaged"],
  [`/s#I${link.slice(1)}`, "link_version"],
])("a link that is not whole is told with its reason: %s", (path, reason) => {
  expect(decide(path)).toEqual({ page: "broken", wanted: "open", reason, sawServer: false });
});

test("the manage page without a code is still the manage page's fault", () => {
  expect(decide("/m")).toMatchObject({ page: "broken", wanted: "manage", reason: "link_missing" });
});

const shown = (path: string, isRefused = false) =>
  shownPath(decide(path), `https://mayfly.example${path}`, isRefused);

test("any other address is lost, and stays in the bar", () => {
  expect(decide("/somewhere/else")).toEqual({ page: "lost" });
  expect(shown("/somewhere/else")).toBe("/somewhere/else");
});

test("a link that the page works with is taken out of the bar", () => {
  for (const path of [`/s#${link}`, `/s%23${link}`, `/%23${link}`, `/m#${link}`, `/s#${manage}`])
    expect(["/s", "/m"]).toContain(shown(path));
});

test("a link that the page refuses to work with stays in the bar, to be mended or taken elsewhere", () => {
  expect(shown(`/s#${link.slice(0, 60)}`)).toBe(`/s#${link.slice(0, 60)}`);
  expect(shown(`/m#${link.slice(0, 60)}`)).toBe(`/m#${link.slice(0, 60)}`);
  expect(shown(`/s#${link}`, true)).toBe(`/s#${link}`);
  expect(shown(`/m#${manage}`, true)).toBe(`/m#${manage}`);
});

test("a path that holds a link, or what is left of one, is never asked for again", () => {
  for (const isRefused of [false, true]) {
    expect(shown(`/s%23${link}`, isRefused)).toBe("/s");
    expect(shown(`/m%23${manage}`, isRefused)).toBe("/m");
    expect(shown(`/s%23${link.slice(0, 50)}`, isRefused)).toBe("/s");
  }
});

test("what is pasted is read leniently, or told with its reason", () => {
  expect(decidePasted(` <https://mayfly.example/s#${link}>. `)).toMatchObject({
    page: "open",
    sawServer: false,
  });
  expect(decidePasted(manage)).toMatchObject({ page: "manage" });
  expect(decidePasted("hello")).toBe("link_missing");
});
