import { fieldsSecret, filesSecret, type SecretSource } from "@mayfly/client";
import { until } from "@mayfly/lab/until";
import { forgetHeartbeat } from "./forget-heartbeat.ts";
import type { Person } from "./person.ts";
import { isReady } from "./service.ts";
import type { Stage } from "./stage.ts";
import { protectUnknown } from "./unknown-secret.ts";
import { en } from "./words.ts";

const { compose, ready, open, manage, page, broken, opened, ended } = en;

type Reach = (person: Person) => Promise<unknown>;

/** How each state of the page is reached, by the name of its pictures. */
export function pageStates({ protect, client, proxy, service }: Stage): Record<string, Reach> {
  const write = async (person: Person) => {
    await person.goes("/");
    await person.types(compose.message, "The door code is 4711.\nThe alarm is off until nine.");
  };
  const made = async (person: Person) => {
    await write(person);
    await person.presses(compose.protect);
    await person.arrives(ready.title);
  };
  const arrive = async (person: Person, link: string) => {
    await person.goes(link);
    await person.arrives(open.title);
  };
  const reveal = async (person: Person, link: string) => {
    await arrive(person, link);
    await person.presses(open.reveal);
  };
  const sealed = async (source: SecretSource) =>
    (await client.protect(source, { lifetime: 3600, reads: 1 })).link;
  /** Has the first of two parts, and then no service. */
  const cutOff = async (person: Person) => {
    const { link } = await protect("x".repeat(1_500_000));
    await arrive(person, link);
    proxy.holdFrom("/parts/1 HTTP");
    await person.presses(open.reveal);
    await until("the second part to be wanted", () => proxy.held);
    proxy.cut();
    proxy.release();
    return link;
  };
  return {
    compose: async (person) => {
      await person.goes("/");
      await person.field(compose.message);
    },
    "compose-passphrase": async (person) => {
      await write(person);
      await person.presses(compose.suggest);
      await person.reads("random bits");
    },
    "compose-empty": async (person) => {
      await person.goes("/");
      await person.presses(compose.protect);
      await person.reads(page.fault({ code: "empty" }));
    },
    "compose-offline": async (person) => {
      await write(person);
      proxy.cut();
      await person.presses(compose.protect);
      await person.reads(page.fault({ code: "offline" }));
    },
    storing: async (person) => {
      await write(person);
      proxy.holdFrom("PUT /api/v1/secrets/");
      await person.presses(compose.protect);
      await person.reads(compose.steps.storing);
    },
    ready: made,
    "ready-qr": async (person) => {
      await made(person);
      await person.presses(ready.qr);
      await person.page.waitForSelector("svg[role=img]");
    },
    "ready-manage": async (person) => {
      await made(person);
      await person.page.click("summary");
      await person.reads(manage.states.live);
    },
    "ready-passphrase": async (person) => {
      await write(person);
      await person.presses(compose.suggest);
      await person.presses(compose.protect);
      await person.arrives(ready.title);
    },
    "ready-burned": async (person) => {
      await made(person);
      await person.page.click("summary");
      await person.presses(manage.burn);
      await person.presses(manage.burnYes);
      await person.arrives(ready.ended);
      await person.reads(manage.states.burned);
    },
    open: async (person) => arrive(person, (await protect("x")).link),
    "open-passphrase": async (person) => arrive(person, (await protect("x", { passphrase: "x" })).link),
    "open-wrong-passphrase": async (person) => {
      await arrive(person, (await protect("x", { passphrase: "right" })).link);
      await person.types(open.passphrase, "wrong");
      await person.presses(open.reveal);
      await person.reads(page.fault({ code: "wrong_passphrase", attemptsLeft: 9 }));
    },
    "open-seen": async (person) => {
      await person.goes((await protect("x")).link.replace("#", "%23"));
      await person.reads(open.seen);
    },
    "open-waiting": async (person) => {
      await cutOff(person);
      await person.reads("Trying again until");
    },
    "open-held": async (person) => {
      await cutOff(person);
      await person.reads("last said that it may try again until");
    },
    "open-had": async (person) => {
      const link = await cutOff(person);
      await person.reads("last said that it may try again until");
      await until("the lease to end", async () => (await client.status(link)).state === "opened");
      proxy.mend();
      await person.presses(page.tryAgain);
      await person.arrives(ended.states.opened.title);
    },
    secret: async (person) => {
      await reveal(person, (await protect("The door code is 4711.\nThe alarm is off until nine.")).link);
      await person.reads(opened.confirmed);
    },
    "secret-long": async (person) => {
      await reveal(person, (await protect("All work and no play makes Jack a dull boy. ".repeat(3000))).link);
      await person.reads(opened.confirmed);
    },
    "secret-lines": async (person) => {
      await reveal(person, (await protect("one line of many\n".repeat(80))).link);
      await person.reads(opened.confirmed);
    },
    "secret-login": async (person) => {
      const login = { website: "https://example.com", username: "ada", password: "hunter2" };
      await reveal(person, await sealed(fieldsSecret("login", login)));
      await person.reads(opened.confirmed);
    },
    "secret-files": async (person) => {
      const file = (called: string) => ({
        name: called,
        type: "",
        size: 4,
        stream: () => new Blob(["text"]).stream(),
      });
      const files = ["report.pdf", `${"a very long name ".repeat(14)}.txt`, "W".repeat(255)];
      await reveal(person, await sealed(filesSecret(files.map(file))));
      await person.reads(opened.confirmed);
    },
    "secret-unreadable": async (person) => {
      await reveal(person, await sealed({ meta: { kind: "text" }, content: new Uint8Array([255]) }));
      await person.reads(opened.unreadable);
    },
    "secret-unknown": async (person) => {
      await reveal(person, await protectUnknown(service.origin, new Uint8Array([255])));
      await person.reads(opened.unreadable);
    },
    "secret-hidden": async (person) => {
      await reveal(person, (await protect("x")).link);
      await person.reads(opened.confirmed);
      await person.presses(page.hide);
    },
    "secret-unlimited": async (person) => {
      await reveal(person, (await protect("x", { reads: "unlimited" })).link);
      await person.reads(opened.readsLeft("unlimited"));
    },
    opened: async (person) => {
      const { link } = await protect("x");
      await (await client.open(link)).acknowledged;
      await reveal(person, link);
      await person.arrives(ended.states.opened.title);
    },
    burned: async (person) => {
      const { link, manageLink } = await protect("x");
      await client.burn(manageLink);
      await reveal(person, link);
      await person.arrives(ended.states.burned.title);
    },
    manage: async (person) => {
      await person.goes((await protect("x", { passphrase: "x" })).manageLink);
      await person.reads(manage.states.live);
    },
    "manage-burning": async (person) => {
      await person.goes((await protect("x")).manageLink);
      await person.reads(manage.states.live);
      await person.presses(manage.burn);
      await person.button(manage.burnYes);
    },
    "manage-burned": async (person) => {
      const { manageLink } = await protect("x");
      await client.burn(manageLink);
      await person.goes(manageLink);
      await person.reads(manage.states.burned);
    },
    "mixed-manage": async (person) => {
      await person.goes((await protect("x")).manageLink.replace("/m#", "/s#"));
      await person.arrives(broken.mixed.manageTitle);
    },
    "mixed-link": async (person) => {
      await person.goes((await protect("x")).link.replace("/s#", "/m#"));
      await person.arrives(broken.mixed.linkTitle);
    },
    "link-cut": async (person) => {
      await person.goes((await protect("x")).link.slice(0, -9));
      await person.reads(broken.reason("link_incomplete"));
    },
    "link-missing": async (person) => {
      await person.goes("/s");
      await person.reads(broken.reason("link_missing"));
    },
    lost: async (person) => {
      await person.goes("/nowhere");
      await person.arrives(page.lost.title);
    },
    // The last one: the service stays halted.
    halted: async (person) => {
      await service.worker.stop();
      forgetHeartbeat(service.keeping);
      await until("the halt", async () => !(await isReady(service.origin)));
      await person.goes("/");
      await person.reads(page.halted.title);
    },
  };
}
