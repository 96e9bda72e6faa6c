import { type Client, createClient, type Protected, textSecret } from "@mayfly/client";
import { buildCommandLine, type CommandLine, createCommandLine } from "../../src/command-line.ts";
import { startKeeping } from "../../src/keeping.ts";
import { openTerminal, type PseudoTerminal } from "../../src/pseudo-terminal.ts";
import { type Service, startService } from "../../src/service.ts";

/** Terminals with the command line and the service that it speaks to. A secret of some size has several parts. */
export class Terminals {
  readonly service: Service;
  readonly client: Client;
  readonly #bundle: Awaited<ReturnType<typeof buildCommandLine>>;
  #line: CommandLine;
  #open: PseudoTerminal[] = [];

  private constructor(service: Service, bundle: Awaited<ReturnType<typeof buildCommandLine>>) {
    this.service = service;
    this.client = createClient({ server: service.origin });
    this.#bundle = bundle;
    this.#line = this.#newLine();
  }

  static async start(): Promise<Terminals> {
    const bundle = await buildCommandLine();
    const service = await startService(await startKeeping("sqlite"), {
      env: { MAYFLY_PART_BYTES: "65536", MAYFLY_LEASE_SECONDS: "600" },
    });
    return new Terminals(service, bundle);
  }

  /** Where each of them starts. */
  get line(): CommandLine {
    return this.#line;
  }

  open(command: string, piped?: Parameters<typeof openTerminal>[2]): PseudoTerminal {
    const opened = openTerminal(this.#line, command, piped);
    this.#open.push(opened);
    return opened;
  }

  protect(text: string, passphrase?: string): Promise<Protected> {
    const options = { lifetime: 3600, reads: 1, ...(passphrase !== undefined && { passphrase }) } as const;
    return this.client.protect(textSecret(text), options);
  }

  async stateOf(link: string) {
    return (await this.client.status(link)).state;
  }

  /** Ends what runs. The next terminal starts in an empty folder. */
  renew(): void {
    this.#end();
    this.#line = this.#newLine();
  }

  async stop(): Promise<void> {
    this.#end();
    await this.service.stop();
    this.#bundle.remove();
  }

  #newLine(): CommandLine {
    return createCommandLine(process.execPath, this.#bundle.file, { MAYFLY_SERVER: this.service.origin });
  }

  #end(): void {
    for (const terminal of this.#open.splice(0)) terminal.kill();
    this.#line.remove();
  }
}
