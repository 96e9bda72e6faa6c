import { createClient, textOf, textSecret } from "@mayfly/client";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepings, startKeeping } from "../src/keeping.ts";
import { insist, newClaim, open as openOnce, type Shown, send, shownBy } from "../src/reader.ts";
import { type Service, startService } from "../src/service.ts";
import { sideBySide } from "./side-by-side.ts";

const day = 86_400;
const open = (origin: string, shown: Shown, claim: string) => insist(() => openOnce(origin, shown, claim));

sideBySide(keepings, "a secret in %s", (kind) => {
  let service: Service;
  let proxy: TcpProxy;

  beforeAll(async () => {
    service = await startService(await startKeeping(kind), { env: { MAYFLY_PART_BYTES: "65536" } });
    proxy = await TcpProxy.start(service.origin);
  });
  afterAll(async () => {
    await proxy?.close();
    await service?.stop();
  });
  const client = () => createClient({ server: service.origin });

  test("reaches one reader, whole, and nobody after", async () => {
    const text = "hunter2 — häßlich\n𝄞";
    const { link, manageLink, expiresAt } = await client().protect(textSecret(text), {
      lifetime: day,
      reads: 1,
    });
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan((day - 60) * 1000);
    expect(await client().status(link)).toMatchObject({ state: "live", readsLeft: 1, attemptsLeft: null });

    const opened = await client().open(link);
    expect(textOf(opened.secret)).toBe(text);
    expect(opened.readsLeft).toBe(0);
    expect(await opened.acknowledged).toBe(true);
    expect(await service.keeping.parts()).toBe(0);

    await expect(client().open(link)).rejects.toMatchObject({ code: "gone", state: "opened" });
    const status = await client().status(manageLink);
    expect(status).toMatchObject({ state: "opened", readsLeft: 0 });
    expect(Date.parse(status.openedAt ?? "")).toBeLessThanOrEqual(Date.parse(status.endedAt ?? ""));
  });

  test("is opened by its passphrase alone, and survives wrong ones", async () => {
    const { link } = await client().protect(textSecret("behind words"), {
      lifetime: day,
      reads: 1,
      passphrase: " blanks count ",
    });
    const opener = client().opener(link);
    expect(opener.hasPassphrase).toBe(true);
    await expect(opener.open()).rejects.toMatchObject({ code: "passphrase_required" });
    await expect(opener.open({ passphrase: "blanks count" })).rejects.toMatchObject({
      code: "wrong_passphrase",
      attemptsLeft: 9,
    });
    expect(await client().status(link)).toMatchObject({ state: "live", readsLeft: 1, attemptsLeft: 9 });
    const opened = await opener.open({ passphrase: " blanks count " });
    expect(textOf(opened.secret)).toBe("behind words");
    expect(await opened.acknowledged).toBe(true);
  });

  test("takes no empty passphrase", async () => {
    const empty = client().protect(textSecret("x"), { lifetime: day, reads: 1, passphrase: "" });
    await expect(empty).rejects.toMatchObject({ reason: "passphrase_empty" });
    expect(await service.keeping.parts()).toBe(0);
  });

  test("is destroyed by the tenth wrong passphrase", async () => {
    const { link } = await client().protect(textSecret("x"), {
      lifetime: day,
      reads: 1,
      passphrase: "right",
    });
    const right = await shownBy(link, "right");
    const wrong = { ...right, passphraseProof: newClaim() };
    const told: unknown[] = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      const answer = await open(service.origin, wrong, newClaim());
      const { attemptsLeft, state } = (await answer.json()) as Record<string, unknown>;
      told.push(attemptsLeft ?? `${answer.status} ${state}`);
    }
    expect(told).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, "410 locked"]);
    expect((await open(service.origin, right, newClaim())).status).toBe(410);
    expect(await service.keeping.parts()).toBe(0);
  });

  test("with two reads is read twice", async () => {
    const { link } = await client().protect(textSecret("twice"), { lifetime: day, reads: 2 });
    for (const left of [1, 0]) {
      const opened = await client().open(link);
      expect([textOf(opened.secret), opened.readsLeft]).toEqual(["twice", left]);
      expect(await opened.acknowledged).toBe(true);
    }
    await expect(client().open(link)).rejects.toMatchObject({ code: "gone", state: "opened" });
  });

  test("without a limit of reads is read until it is burned", async () => {
    const { link, manageLink } = await client().protect(textSecret("many"), {
      lifetime: day,
      reads: "unlimited",
    });
    for (let read = 0; read < 4; read++) {
      const opened = await client().open(link);
      expect([textOf(opened.secret), opened.readsLeft]).toEqual(["many", "unlimited"]);
      expect(await opened.acknowledged).toBe(true);
    }
    await client().burn(manageLink);
    await client().burn(manageLink);
    await expect(client().open(link)).rejects.toMatchObject({ code: "gone", state: "burned" });
    expect(await client().status(manageLink)).toMatchObject({ state: "burned" });
    expect(await service.keeping.parts()).toBe(0);
  });

  test("of several parts arrives whole", async () => {
    const text = "0123456789abcdef".repeat(300_000 / 16);
    const steps = new Set<number>();
    const { link } = await client().protect(textSecret(text), {
      lifetime: day,
      reads: 1,
      onProgress: (progress) => {
        if (progress.step === "storing") steps.add(progress.parts);
      },
    });
    expect([...steps]).toEqual([5]);
    const opened = await client().open(link);
    expect(textOf(opened.secret) === text).toBe(true);
    expect(await opened.acknowledged).toBe(true);
    expect(await service.keeping.parts()).toBe(0);
  });

  test("is not lost with the answer that carried it, and is still read by one alone", async () => {
    const { link } = await client().protect(textSecret("once"), { lifetime: day, reads: 1 });
    const shown = await shownBy(link);
    const [mine, other] = [newClaim(), newClaim()];
    const before = proxy.dropped;
    proxy.dropAnswerTo("/open HTTP");
    await expect(openOnce(proxy.origin, shown, mine)).rejects.toThrow();
    expect(proxy.dropped).toBe(before + 1);

    expect((await open(service.origin, shown, other)).status).toBe(410);
    const again = await open(service.origin, shown, mine);
    expect(again.status).toBe(200);
    const bytes = Buffer.from(await again.arrayBuffer());
    const third = Buffer.from(await (await open(service.origin, shown, mine)).arrayBuffer());
    expect(third.equals(bytes)).toBe(true);

    const acknowledge = () =>
      insist(() => send(service.origin, "acknowledge", { id: shown.id, json: { claim: mine } }));
    expect([(await acknowledge()).status, (await acknowledge()).status]).toEqual([204, 204]);
    expect((await open(service.origin, shown, mine)).status).toBe(410);
    expect(await service.keeping.parts()).toBe(0);
  });

  test.each(["/api/v1/secrets ", "/parts/0 HTTP", "/open HTTP", "/acknowledge HTTP"])(
    "survives a lost answer to %s in the client's own hands",
    async (words) => {
      const near = createClient({ server: proxy.origin });
      const before = proxy.dropped;
      proxy.dropAnswerTo(words);
      const make = () => near.protect(textSecret("kept"), { lifetime: day, reads: 1 });
      // A reservation is not sent again by itself: nothing was kept, and the sender presses the button again.
      const { link } = await make().catch(make);
      const opened = await near.open(link);
      expect(textOf(opened.secret)).toBe("kept");
      expect(await opened.acknowledged).toBe(true);
      expect(proxy.dropped).toBe(before + 1);
      await expect(near.open(link)).rejects.toMatchObject({ code: "gone", state: "opened" });
    },
  );
});
