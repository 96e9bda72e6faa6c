/** Everything that a page test needs: a service, a proxy before it, a browser, and people. */
import { type Client, createClient, type Protected, textSecret } from "@mayfly/client";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { type BrowserName, type RunningBrowser, startBrowser } from "./browser.ts";
import { startKeeping } from "./keeping.ts";
import { Person } from "./person.ts";
import { type Environment, type Service, startService } from "./service.ts";
import { en } from "./words.ts";

export interface Stage {
  readonly browser: RunningBrowser;
  readonly service: Service;
  readonly proxy: TcpProxy;
  /** The service as the browser sees it: the proxy's address. */
  readonly origin: string;
  /** A program beside the browser, straight at the service, whose links lead through the proxy. */
  readonly client: Client;
  /** A text with one read, or as told. */
  protect(
    text: string,
    options?: { readonly passphrase?: string; readonly reads?: number | "unlimited" },
  ): Promise<Protected>;
  /** Somebody new, who shares nothing with the others. */
  person(): Promise<Person>;
  /** Somebody new who has typed a message and not protected it yet. */
  writing(text: string): Promise<Person>;
  /** Lets everybody go. To be called after each test. */
  clear(): Promise<void>;
  /** Violations of the content policy and uncaught errors of everybody so far. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export async function openStage(browserName: BrowserName, env: Environment = {}): Promise<Stage> {
  const service = await startService(await startKeeping("sqlite"), { env });
  const proxy = await TcpProxy.start(service.origin, { recorded: true });
  const browser = await startBrowser(browserName);
  const client = createClient({ server: service.origin, linkOrigin: proxy.origin });
  const here = new Set<Person>();
  const faults: string[] = [];
  const arrive = async () => {
    const person = new Person(await browser.visitor(), proxy.origin);
    here.add(person);
    return person;
  };

  return {
    browser,
    service,
    proxy,
    origin: proxy.origin,
    client,
    protect: (text, { passphrase, reads = 1 } = {}) =>
      client.protect(textSecret(text), {
        lifetime: 3600,
        reads,
        ...(passphrase !== undefined && { passphrase }),
      }),
    person: arrive,
    async writing(text) {
      const sender = await arrive();
      await sender.goes("/");
      await sender.types(en.compose.message, text);
      return sender;
    },
    async clear() {
      proxy.mend();
      proxy.release();
      for (const { visitor } of here) {
        await visitor.settle();
        await visitor.leave();
        faults.push(...visitor.faults);
      }
      here.clear();
    },
    faults,
    async close() {
      await browser.close();
      await proxy.close();
      await service.stop();
    },
  };
}
