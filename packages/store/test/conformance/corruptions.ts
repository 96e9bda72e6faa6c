import { expect, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { countOverdue } from "../sweeps.ts";
import type { Corruption, CorruptionTarget, Harness } from "./harness.ts";
import { liveSample, MINUTE, opened, type Sample, sample } from "./sample.ts";

const STRICT = "STRICT and NOT NULL hold";
const HUGE = "9223372036854775807";

const field = (
  of: CorruptionTarget,
  name: string,
  redis: readonly string[],
  sqlite: string | typeof STRICT | "no such field",
): Corruption => ({
  name: `${of}: ${name}`,
  of,
  leaves: "nothing",
  redis: [redis],
  sqlite:
    sqlite === STRICT || sqlite === "no such field"
      ? sqlite
      : [`UPDATE secrets SET ${sqlite} WHERE secret = :secret`],
});
const set = (name: string, value: string) => ["HSET", "RECORD", name, value];
const drop = (...names: string[]) => ["HDEL", "RECORD", ...names];

export const corruptions: readonly Corruption[] = [
  field("live", "no link verifier", drop("link"), STRICT),
  field("live", "a short link verifier", set("link", "short"), "link = x'00'"),
  field("live", "no manage verifier", drop("manage"), STRICT),
  field("live", "a long manage verifier", set("manage", "m".repeat(33)), "manage = zeroblob(33)"),
  field("live", "a short passphrase verifier", set("passphrase", "p"), "passphrase = x'00'"),
  field("live", "no state", drop("state"), STRICT),
  field("live", "an unknown state", set("state", "lively"), "state = 'lively'"),
  field("live", "the state of one that has ended", set("state", "opened"), "state = 'opened'"),
  field("live", "the state of a reservation", set("state", "reserved"), "state = 'reserved', opened_at = 1"),
  field("live", "no length", drop("bytes"), "bytes = NULL"),
  field("live", "a length of 0", set("bytes", "0"), "bytes = 0"),
  field("live", "a garbled length", set("bytes", "many"), STRICT),
  field("live", "a length beyond all numbers", set("bytes", "1e300"), `bytes = ${HUGE}`),
  field("live", "no length of a part", drop("part"), "part_bytes = NULL"),
  field("live", "a negative length of a part", set("part", "-1000"), "part_bytes = -1000"),
  field("live", "parts of a millionth", set("part", "0.001"), "part_bytes = 1, bytes = 100000000"),
  field("live", "no number of parts", drop("parts"), "no such field"),
  field("live", "a hundred million parts", set("parts", "100000000"), "no such field"),
  field("live", "fewer parts than it has", set("parts", "1"), "no such field"),
  field("live", "a garbled number of parts", set("parts", "nan"), "no such field"),
  field("live", "no lifetime", drop("lifetime"), "lifetime_ms = NULL"),
  field("live", "a lifetime of years", set("lifetime", "1e15"), "lifetime_ms = 1000000000000000"),
  field("live", "no lease", drop("lease"), "lease_ms = NULL"),
  field("live", "a negative lease", set("lease", "-60000"), "lease_ms = -60000"),
  field("live", "a lease without an end", set("lease", "inf"), `lease_ms = ${HUGE}`),
  field("live", "no expiry", drop("expires"), STRICT),
  field("live", "a garbled expiry", set("expires", "never"), STRICT),
  field(
    "live",
    "an expiry beyond all times",
    set("expires", "1e17"),
    `expires_at = ${HUGE}, due_at = ${HUGE}`,
  ),
  field(
    "live",
    "an expiry later than its lifetime allows",
    set("expires", "9000000000000"),
    "expires_at = 9000000000000, due_at = 9000000000000",
  ),
  field("live", "a negative expiry", set("expires", "-1"), "expires_at = -1, due_at = -1"),
  field("live", "no reads left", drop("left"), "no such field"),
  field("live", "garbled reads left", set("left", "some"), STRICT),
  field(
    "live",
    "reads left without a limit where few were asked for",
    set("left", "unlimited"),
    "no such field",
  ),
  field(
    "live",
    "a number of reads left where no limit was asked for",
    set("reads", "unlimited"),
    "no such field",
  ),
  field("live", "a thousand million reads left", set("left", "1000000000"), "reads_left = 1000000000"),
  field("live", "negative reads left", set("left", "-1"), "reads_left = -1"),
  field("live", "no read left, and no lease", set("left", "0"), "reads_left = 0"),
  field("live", "garbled attempts", set("failed", "x"), "attempts = x'00'"),
  field("live", "more attempts than there are", set("failed", "10"), "attempts = zeroblob(160)"),
  field("claimed", "no end of its leases", drop("leases"), "lease_until = NULL"),
  field("claimed", "leases that outlive it", set("leases", "9000000000000"), "lease_until = 9000000000000"),
  field("claimed", "no time of its last read", drop("taken"), "last_read_at = NULL"),
  field("claimed", "a garbled time of its first read", set("opened", "0x"), `opened_at = ${HUGE}`),
  field("reserved", "no deposit deadline", drop("due"), "deposit_by = NULL"),
  field("reserved", "a garbled deposit deadline", set("due", "soon"), `deposit_by = ${HUGE}`),
  field("reserved", "no reads", drop("reads"), "no such field"),
  field("reserved", "a part size larger than all", set("part", "1e17"), `part_bytes = ${HUGE}`),
  field("ended", "no end", drop("ended"), "ended_at = NULL"),
  field("ended", "a garbled end", set("ended", "then"), `ended_at = ${HUGE}`),
  field("ended", "no expiry", drop("expires"), STRICT),
  field("ended", "a first read beyond all times", set("opened", "1e17"), `opened_at = ${HUGE}`),
  {
    name: "live: a record of another type",
    of: "live",
    leaves: "nothing",
    redis: [
      ["DEL", "RECORD"],
      ["SET", "RECORD", "text", "EX", "60"],
    ],
    sqlite: STRICT,
  },
  {
    name: "live: the first part missing",
    of: "live",
    leaves: "all but bytes",
    redis: [["DEL", "PART0"]],
    sqlite: ["DELETE FROM parts WHERE part = :secret * 1048576"],
  },
  {
    name: "live: a further part missing",
    of: "live",
    leaves: "all but bytes",
    redis: [["DEL", "PART1"]],
    sqlite: ["DELETE FROM parts WHERE part = :secret * 1048576 + 1"],
  },
  {
    name: "live: the first part too short",
    of: "live",
    leaves: "all but bytes",
    redis: [["SET", "PART0", "short", "KEEPTTL"]],
    sqlite: ["UPDATE parts SET bytes = x'00' WHERE part = :secret * 1048576"],
  },
  {
    name: "live: a further part too long",
    of: "live",
    leaves: "all but bytes",
    redis: [["APPEND", "PART1", "more"]],
    sqlite: ["UPDATE parts SET bytes = zeroblob(901) WHERE part = :secret * 1048576 + 1"],
  },
  {
    name: "live: the first part of another type",
    of: "live",
    leaves: "all but bytes",
    redis: [
      ["DEL", "PART0"],
      ["HSET", "PART0", "a", "b"],
      ["EXPIRE", "PART0", "60"],
    ],
    sqlite: STRICT,
  },
  {
    name: "live: a further part of another type",
    of: "live",
    leaves: "all but bytes",
    redis: [
      ["DEL", "PART1"],
      ["HSET", "PART1", "a", "b"],
      ["EXPIRE", "PART1", "60"],
    ],
    sqlite: STRICT,
  },
  {
    name: "claimed: both parts too short",
    of: "claimed",
    leaves: "all but bytes",
    redis: [
      ["SET", "PART0", "", "KEEPTTL"],
      ["SET", "PART1", "", "KEEPTTL"],
    ],
    sqlite: ["UPDATE parts SET bytes = x'' WHERE part / 1048576 = :secret"],
  },
  {
    name: "reserved: a part too short",
    of: "reserved",
    leaves: "all but bytes",
    redis: [["SET", "PART0", "short", "KEEPTTL"]],
    sqlite: ["UPDATE parts SET bytes = x'00' WHERE part = :secret * 1048576"],
  },
  {
    name: "reserved: a part of another type",
    of: "reserved",
    leaves: "all but bytes",
    redis: [
      ["DEL", "PART0"],
      ["HSET", "PART0", "a", "b"],
      ["EXPIRE", "PART0", "60"],
    ],
    sqlite: STRICT,
  },
  {
    name: "claimed: a claim that is not one",
    of: "claimed",
    leaves: "all but the claim",
    redis: [["HSET", "RECORD", "CLAIM", "now and then"]],
    sqlite: [`UPDATE claims SET lease_ends = ${HUGE} WHERE secret = :secret AND claim = :claim`],
  },
  {
    name: "claimed: a claim with a time beyond all times",
    of: "claimed",
    leaves: "all but the claim",
    redis: [["HSET", "RECORD", "CLAIM", `${HUGE} ${HUGE}`]],
    sqlite: [`UPDATE claims SET bound_at = -1 WHERE secret = :secret AND claim = :claim`],
  },
];

async function made(store: Store, kind: CorruptionTarget): Promise<{ secret: Sample; claim: Uint8Array }> {
  if (kind === "reserved") {
    const secret = sample({ parts: 2, reads: 2, passphrase: true });
    await store.reserve(secret.reservation);
    await store.deposit(secret.deposit(0));
    return { secret, claim: secret.opening().claim };
  }
  const secret = await liveSample(store, { parts: 2, reads: 2, passphrase: true });
  const opening = secret.opening();
  if (kind === "claimed") {
    await opened(store, secret.opening());
    await opened(store, opening);
  }
  if (kind === "ended") await store.burn(secret.byManage);
  return { secret, claim: opening.claim };
}

/** Each corruption, in a store of its own beside a secret that is well. */
export function describeCorruptions(harness: Harness, kind: "redis" | "sqlite"): void {
  const rows = corruptions.filter((row) => typeof row[kind] !== "string");
  test.each(rows)("$name: nothing is thrown, no read is taken, and one sweep removes it", async (row) => {
    const bench = await harness.open();
    try {
      const store = bench.store();
      const well = await liveSample(store, { parts: 2 });
      const { secret, claim } = await made(store, row.of);
      await bench.corrupt(row, secret.id, claim);
      const kept = await bench.dump();
      const notFound = { outcome: "not_found" };
      const { id } = secret;

      for (const opening of [secret.opening(claim), secret.opening(), secret.guess()]) {
        if (row.leaves !== "nothing" && opening.claim !== claim) continue;
        expect(await store.open(opening)).toEqual(notFound);
      }
      for (const part of [0, 1]) {
        expect(await store.part({ id, claim, part })).toEqual(notFound);
        if (row.leaves === "nothing") expect(await store.deposit(secret.deposit(part))).toEqual(notFound);
      }
      if (row.leaves === "all but bytes") {
        const answers = [await store.deposit(secret.deposit(0)), await store.deposit(secret.deposit(1))];
        expect(answers).toContainEqual(notFound);
      } else expect(await store.acknowledge({ id, claim })).toEqual(notFound);
      const told = row.leaves === "nothing" ? notFound : expect.objectContaining({ outcome: "status" });
      expect(await store.status(secret.byManage)).toEqual(told);
      expect(await store.status(secret.byLink)).toEqual(row.of === "reserved" ? notFound : told);
      if (row.leaves === "nothing") expect(await store.burn(secret.byManage)).toEqual(notFound);
      if (row.of !== "reserved") expect(await bench.dump()).toBe(kept);

      const asOf = await store.now();
      expect(await countOverdue(store, asOf, { batch: 3 })).toBeGreaterThan(0);
      expect((await store.sweep({ batch: 3 })).orphans).toBeGreaterThan(0);
      expect(await countOverdue(store, asOf, { batch: 3 })).toBe(0);
      expect(await bench.recordCount()).toBe(row.leaves === "all but the claim" ? 2 : 1);
      expect(await bench.hasCiphertext(id)).toBe(row.leaves === "all but the claim");
      const opening = well.opening();
      expect((await opened(store, opening)).part).toEqual(well.parts[0]);
      await bench.advance(MINUTE);
      await store.sweep({ batch: 3 });
      expect(await bench.hasCiphertext(well.id)).toBe(false);
    } finally {
      await bench.close();
    }
  });

  test("an id whose record is broken can be reserved again", async () => {
    const bench = await harness.open();
    try {
      const store = bench.store();
      for (const row of rows.filter(({ leaves }) => leaves === "nothing")) {
        const { secret, claim } = await made(store, row.of);
        await bench.corrupt(row, secret.id, claim);
        const anew = { ...sample().reservation, id: secret.id };
        expect(await store.reserve(anew), row.name).toMatchObject({ outcome: "reserved" });
        expect(await store.burn({ id: secret.id, manage: anew.manage })).toEqual({ outcome: "burned" });
      }
    } finally {
      await bench.close();
    }
  });
}
