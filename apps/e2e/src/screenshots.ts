/**
 * `pnpm --filter @mayfly/e2e screenshots FOLDER`: every state of the page as PNG files, in two widths and both colour
 * schemes, from a running service in Chromium. For people to look at; the built page is used as it is.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { forgetHeartbeat } from "./forget-heartbeat.ts";
import type { Person } from "./person.ts";
import { isReady } from "./service.ts";
import { openStage, type Stage } from "./stage.ts";
import { until } from "./until.ts";
import { en } from "./words.ts";

const { compose, done, open, manage, page, broken, secret, ended } = en;

const widths = [1280, 375] as const;
const schemes = ["light", "dark"] as const;

const folder = resolve(process.argv[2] ?? "");
if (process.argv[2] === undefined) {
  process.stderr.write("Name the folder that the pictures go to.\n");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });

const stage = await openStage("chromium");
try {
  for (const [name, reach] of Object.entries(states(stage))) {
    const person = await stage.person();
    await reach(person);
    for (const width of widths) {
      for (const scheme of schemes) {
        await person.page.setViewport({ width, height: 800 });
        await person.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await person.page.screenshot({
          path: join(folder, `${name}-${width}-${scheme}.png`),
          fullPage: true,
        });
      }
    }
    await stage.clear();
    process.stdout.write(`${name}\n`);
  }
} finally {
  await stage.clear();
  await stage.close();
}
process.exit(0);

type Reach = (person: Person) => Promise<unknown>;

/** How each state is reached, by the name of its pictures. */
function states({ protect, client, proxy, service }: Stage): Record<string, Reach> {
  const write = async (person: Person) => {
    await person.goes("/");
    await person.types(compose.message, "The door code is 4711.\nThe alarm is off until nine.");
  };
  const made = async (person: Person) => {
    await write(person);
    await person.presses(compose.protect);
    await person.arrives(done.title);
  };
  const arrive = async (person: Person, link: string) => {
    await person.goes(link);
    await person.arrives(open.title);
  };
  const reveal = async (person: Person, link: string) => {
    await arrive(person, link);
    await person.presses(open.reveal);
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
    done: made,
    "done-qr": async (person) => {
      await made(person);
      await person.presses(done.qr);
      await person.page.waitForSelector("svg[role=img]");
    },
    "done-manage": async (person) => {
      await made(person);
      await person.page.click("summary");
      await person.reads(manage.states.live);
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
    "open-offline": async (person) => {
      await arrive(person, (await protect("x")).link);
      proxy.cut();
      await person.presses(open.reveal);
      await person.reads(page.fault({ code: "offline" }));
    },
    secret: async (person) => {
      await reveal(person, (await protect("The door code is 4711.\nThe alarm is off until nine.")).link);
      await person.reads(secret.confirmed);
    },
    "secret-hidden": async (person) => {
      await reveal(person, (await protect("x")).link);
      await person.reads(secret.confirmed);
      await person.presses(page.hide);
    },
    "secret-unlimited": async (person) => {
      await reveal(person, (await protect("x", { reads: "unlimited" })).link);
      await person.reads(secret.readsLeft("unlimited"));
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
