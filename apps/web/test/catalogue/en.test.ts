import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cryptoReasons } from "@mayfly/crypto";
import { PROBLEM_CODES } from "@mayfly/wire";
import { expect, test } from "vitest";
import { english } from "../../src/catalogue/en.ts";
import { formatsIn } from "../../src/catalogue/formats.ts";

const catalogue = english(formatsIn("en"));
const { page, ready, opened, ended, broken, manage } = catalogue;
const source = new URL("../../src/", import.meta.url).pathname;

async function sourceText(): Promise<string> {
  const files = (await readdir(source, { recursive: true })).filter(
    (name) => /\.tsx?$/.test(name) && !name.startsWith("catalogue/"),
  );
  return (await Promise.all(files.map((name) => readFile(join(source, name), "utf8")))).join("\n");
}

test("every sentence is said somewhere, and every one that is said exists", async () => {
  const text = await sourceText();
  // Reached by a computed key: by step, state, reason or code.
  const computed = ["steps", "states", "unfit"];
  const { language: _, direction: __, ...views } = catalogue;
  for (const [name, sentences] of Object.entries(views)) {
    for (const [key, value] of Object.entries(sentences)) {
      const nested = typeof value === "object" && !computed.includes(key) ? Object.keys(value) : [];
      for (const used of [key, ...nested])
        expect(text, `${name}.${used}`).toMatch(new RegExp(`\\.${used}\\b`));
    }
  }
});

test("every fault of a person's page has a sentence of its own", () => {
  // What only a program of ours, or a stranger's, can bring about: the page's general sentence is right for these.
  const programs = [
    "unauthorized",
    "cross_site",
    "method_not_allowed",
    "conflict",
    "unsupported_media_type",
    "misdirected",
    "headers_too_large",
    "timeout",
    "gone",
  ];
  const general = page.fault({ code: "unexpected" });
  for (const code of PROBLEM_CODES) {
    const said = page.fault({ code });
    expect(said.length, code).toBeGreaterThan(20);
    if (!programs.includes(code)) expect(said, code).not.toBe(general);
  }
  for (const code of ["offline", "bad_answer", "damaged", "empty", "over_limit"] as const) {
    expect(page.fault({ code }), code).not.toBe(general);
  }
  for (const code of [
    "no_randomness",
    "passphrase_empty",
    "passphrase_long",
    "passphrase_malformed",
    "text",
  ] as const) {
    expect(page.fault({ code }), code).not.toBe(general);
  }
});

test("every broken link, every end and every state has words", () => {
  const links = cryptoReasons.filter((reason) => reason.startsWith("link_"));
  expect(
    new Set(links.map((reason) => broken.reason(reason as Parameters<typeof broken.reason>[0]))).size,
  ).toBe(links.length);
  const at = "2030-01-01T00:00:00.000Z";
  for (const { title, text } of Object.values(ended.states)) {
    expect(title).not.toBe("");
    expect(text(at, null)).toContain("2030");
    expect(text(undefined, null)).not.toContain("undefined");
  }
  expect(Object.keys(manage.states)).toEqual(["reserved", "live", "claimed", ...Object.keys(ended.states)]);
});

test("an opened secret that its reader does not know of is called read by someone else", () => {
  expect(ended.states.opened.text(undefined, null)).toContain("treat it as read by someone else");
});

test("what a page had is told with its time, and what it may have had as no more than that", () => {
  const at = "2030-01-01T00:00:00.000Z";
  for (const { text } of Object.values(ended.states)) {
    expect(text(at, at)).toMatch(/This page had it, until \d+:\d\d/);
    expect(text(at, at)).not.toContain("someone else");
    expect(text(at, "unanswered")).toContain("got no answer");
  }
});

test("a secret that was destroyed while a page had it is not said to have been there until the lease ended", () => {
  const [at, leaseEnds] = ["2030-01-01T00:00:00.000Z", "2030-01-01T00:01:00.000Z"];
  for (const { text } of Object.values(ended.states)) {
    expect(text(at, leaseEnds)).toMatch(/This page had it at that time, and had not received all of it/);
    expect(text(leaseEnds, at)).toMatch(/This page had it, until/);
    expect(text(undefined, at)).toMatch(/This page had it, until/);
  }
  const { text } = ended.states.opened;
  expect(text(at, leaseEnds)).toMatch(/^It was destroyed with its manage link on .*2030/);
  expect(text(at, at)).toMatch(/^It was opened/);
  expect(text(at, "unanswered")).toMatch(/^It was opened/);
});

test("no sentence says that nothing was lost, or that a secret can exist in one place only", () => {
  const at = "2030-01-01T00:00:00.000Z";
  const functions = Object.values(catalogue).flatMap((sentences) => Object.values(sentences as object));
  const said = [
    ...PROBLEM_CODES.map((code) => page.fault({ code })),
    ...functions.map((each) => (typeof each === "function" ? String(each) : JSON.stringify(each))),
    ...Object.values(ended.states).map(({ text }) => text(at, null)),
    ...[1, 5, "unlimited" as const].map((reads) => ready.expires(reads, at)),
  ].join("\n");
  expect(said).not.toMatch(/nothing (?:was|has been|is) (?:lost|used up)|exists only|one person|only copy/i);
});

test("how soon sealed bytes are gone is told as the service tells it", () => {
  expect(opened.erased(10)).toContain("within 10 seconds");
  expect(opened.erased(120)).toContain("within 2 minutes");
  expect(opened.erased(null)).toContain("may stay in the service's files");
});

test("numbers stand in the sentences they belong to", () => {
  expect(page.fault({ code: "wrong_passphrase", attemptsLeft: 1 })).toContain("1 try is left");
  expect(page.fault({ code: "wrong_passphrase", attemptsLeft: 9 })).toContain("9 tries are left");
  expect(page.fault({ code: "rate_limited", retryAfter: 90 })).toContain("in 2 minutes");
  expect(page.fault({ code: "over_limit", bytes: 3_000_000, limit: 1_048_576 })).toMatch(/3 MB.*1 MB/);
});
