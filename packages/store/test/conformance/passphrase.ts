import { describe, expect, test } from "vitest";
import type { Ground } from "./harness.ts";
import { hash, liveSample, MINUTE, opened } from "./sample.ts";

export function describePassphrase({ bench, store }: Ground): void {
  describe("passphrase", () => {
    test("wanted and absent counts nothing", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      const kept = await bench().dump();
      for (let i = 0; i < 20; i++) {
        const answer = await store().open({ ...secret.opening(), passphrase: null });
        expect(answer).toEqual({ outcome: "passphrase_required" });
      }
      expect(await bench().dump()).toBe(kept);
    });

    test("wrong ten times destroys the secret, for the right one too", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      for (let left = 9; left >= 1; left--) {
        expect(await store().open(secret.guess())).toEqual({
          outcome: "wrong_passphrase",
          attemptsLeft: left,
        });
        expect(await store().status(secret.byLink)).toMatchObject({ state: "live", attemptsLeft: left });
      }
      const endedAt = await store().now();
      const locked = { outcome: "gone", state: "locked", endedAt };
      expect(await store().open(secret.guess())).toEqual(locked);
      expect(await bench().hasCiphertext(secret.id)).toBe(false);
      await bench().advance(MINUTE);
      expect(await store().open(secret.opening())).toEqual(locked);
      expect(await store().status(secret.byLink)).toMatchObject({
        state: "locked",
        attemptsLeft: 0,
        endedAt,
      });
    });

    test("wrong nine times and right the tenth time opens", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      for (let i = 0; i < 9; i++) await store().open(secret.guess());
      expect((await opened(store(), secret.opening())).part).toEqual(secret.parts[0]);
    });

    test("wrong fifty times at once is evaluated ten times at most, and opens nothing", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      const answers = await Promise.all(Array.from({ length: 50 }, () => store().open(secret.guess())));
      const left = answers.flatMap((answer) =>
        answer.outcome === "wrong_passphrase" ? [answer.attemptsLeft] : [],
      );
      expect(left.sort((a, b) => b - a)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
      const locked = answers.filter((answer) => answer.outcome === "gone" && answer.state === "locked");
      expect(locked).toHaveLength(41);
      expect(await store().open(secret.opening())).toMatchObject({ outcome: "gone", state: "locked" });
    });

    test("a re-sent wrong step costs one attempt and gives the same answer, even after later ones", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      const first = secret.guess();
      const answer = await store().open(first);
      expect(answer).toEqual({ outcome: "wrong_passphrase", attemptsLeft: 9 });
      const kept = await bench().dump();
      expect(await store().open(first)).toEqual(answer);
      expect(await bench().dump()).toBe(kept);
      expect(await store().open(secret.guess())).toEqual({ outcome: "wrong_passphrase", attemptsLeft: 8 });
      expect(await store().open(first)).toEqual(answer);
      expect(await store().status(secret.byLink)).toMatchObject({ attemptsLeft: 8 });
    });

    test("the locking step sent again answers locked", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      const guesses = Array.from({ length: 10 }, () => secret.guess());
      for (const guess of guesses) await store().open(guess);
      for (const guess of guesses) {
        expect(await store().open(guess)).toMatchObject({ outcome: "gone", state: "locked" });
      }
    });

    test("is asked of a known claim too: the claim alone reads nothing again", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      const opening = secret.opening();
      await opened(store(), opening);
      expect(await store().open({ ...opening, passphrase: null })).toEqual({
        outcome: "passphrase_required",
      });
      expect(await store().open({ ...opening, passphrase: hash() })).toMatchObject({ outcome: "gone" });
      expect(await store().open(opening)).toMatchObject({ outcome: "opened" });
    });

    test("is counted while a read is left, and costs nothing once the last is taken", async () => {
      const secret = await liveSample(store(), { passphrase: true, reads: 2, parts: 2 });
      const takenAt = await store().now();
      await opened(store(), secret.opening());
      const first = secret.guess();
      expect(await store().open(first)).toEqual({ outcome: "wrong_passphrase", attemptsLeft: 9 });
      const opening = secret.opening();
      await opened(store(), opening);
      const kept = await bench().dump();
      const gone = { outcome: "gone", state: "opened", endedAt: takenAt };
      const strangers = [
        first,
        ...Array.from({ length: 20 }, () => secret.guess()),
        { ...opening, passphrase: hash() },
        { ...secret.opening(), passphrase: null },
        secret.opening(),
      ];
      for (const stranger of strangers) expect(await store().open(stranger)).toEqual(gone);
      expect(await bench().dump()).toBe(kept);
      expect(await store().status(secret.byLink)).toMatchObject({ state: "claimed", attemptsLeft: 9 });
      expect(await store().open(opening)).toMatchObject({ outcome: "opened", part: secret.parts[0] });
      expect(await store().part({ id: secret.id, claim: opening.claim, part: 1 })).toMatchObject({
        outcome: "part",
        part: secret.parts[1],
      });
    });

    test("given where none is wanted is ignored", async () => {
      const secret = await liveSample(store());
      expect(await store().open({ ...secret.opening(), passphrase: hash() })).toMatchObject({
        outcome: "opened",
      });
    });

    test("is not evaluated by an opener without the link, nor after the end", async () => {
      const secret = await liveSample(store(), { passphrase: true });
      await store().burn(secret.byManage);
      const kept = await bench().dump();
      expect(await store().open(secret.guess())).toMatchObject({ outcome: "gone", state: "burned" });
      expect(await bench().dump()).toBe(kept);
    });
  });
}
