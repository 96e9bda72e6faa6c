/** The reverse proxies that infra/proxies ships a file for, each run by its real program with that very file. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { Hopeless, until } from "@mayfly/lab/until";

const SHIPPED = fileURLToPath(new URL("../../../infra/proxies/", import.meta.url));

export const reverseProxies = ["nginx", "caddy", "haproxy"] as const;
type ReverseProxyKind = (typeof reverseProxies)[number];

export interface ReverseProxy {
  readonly port: number;
  /** The certificate that it shows. */
  readonly certificate: Buffer;
  /** Ends the program. The answer is everything it said, and every file it has written but certificate and settings. */
  stop(): Promise<string>;
}

/** Starts the program on a free port of the loopback, for the API at `upstream`, a port. It may not listen yet. */
export async function startReverseProxy(kind: ReverseProxyKind, upstream: number): Promise<ReverseProxy> {
  const folder = temporaryFolder(kind);
  const at = (name: string) => join(folder.path, name);
  certify(folder.path);
  const [port, plainPort] = [await freePort(), await freePort()];
  const places: Places = { at, port, plainPort, upstream };
  const running = await starters[kind](places);
  return {
    port,
    certificate: readFileSync(at("host.pem")),
    stop: async () => {
      if (running.over) return "";
      await running.stop();
      const own = new Set([...settings, "host.pem", "host.key", "both.pem"]);
      const files = readdirSync(folder.path, { recursive: true, encoding: "utf8" }).filter(
        (name) => !own.has(name) && statSync(at(name)).isFile(),
      );
      const remains = [running.output, ...files.map((name) => readFileSync(at(name), "latin1"))];
      folder.remove();
      return remains.join("\n");
    },
  };
}

interface Places {
  readonly at: (name: string) => string;
  readonly port: number;
  readonly plainPort: number;
  readonly upstream: number;
}

const settings = ["nginx.conf", "mayfly.conf", "Caddyfile", "haproxy.cfg"];

const starters: Readonly<Record<ReverseProxyKind, (places: Places) => Promise<Running>>> = {
  async nginx({ at, port, plainPort, upstream }) {
    writeFileSync(
      at("mayfly.conf"),
      shipped("nginx.conf", [
        ["127.0.0.1:8080", `127.0.0.1:${upstream}`],
        ["/etc/ssl/secrets.example.org.pem", at("host.pem")],
        ["/etc/ssl/secrets.example.org.key", at("host.key")],
        ["listen 80;", `listen 127.0.0.1:${plainPort};`],
        ["listen [::]:80;", ""],
        ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`],
        ["listen [::]:443 ssl http2;", ""],
        ["secrets.example.org", "localhost"],
      ]),
    );
    // As a distribution has it, logs of its own and all; and where bodies would be spooled, nothing can be written.
    writeFileSync(
      at("nginx.conf"),
      `daemon off; pid ${at("pid")}; error_log ${at("error.log")} info; worker_processes 1;
      events {} http { access_log ${at("access.log")};
      client_body_temp_path ${at("bodies")}; proxy_temp_path ${at("answers")};
      fastcgi_temp_path ${at("fastcgi")}; uwsgi_temp_path ${at("uwsgi")}; scgi_temp_path ${at("scgi")};
      include ${at("mayfly.conf")}; }`,
    );
    const running = new Running("nginx", ["-c", at("nginx.conf"), "-p", at("."), "-e", at("error.log")]);
    await connectable(port, running);
    for (const spool of ["bodies", "answers"]) rmSync(at(spool), { recursive: true });
    return running;
  },
  async caddy({ at, port, plainPort, upstream }) {
    writeFileSync(
      at("Caddyfile"),
      shipped("Caddyfile", [
        ["127.0.0.1:8080", `127.0.0.1:${upstream}`],
        [
          "# tls /etc/ssl/secrets.example.org.pem /etc/ssl/secrets.example.org.key",
          `tls ${at("host.pem")} ${at("host.key")}`,
        ],
        ["\n{\n", `\n{\n\tadmin off\n\thttp_port ${plainPort}\n\thttps_port ${port}\n`],
        ["secrets.example.org {", "localhost {\n\tbind 127.0.0.1"],
      ]),
    );
    mkdirSync(at("home"));
    const home = { HOME: at("home"), XDG_DATA_HOME: at("home"), XDG_CONFIG_HOME: at("home") };
    const running = new Running("caddy", ["run", "--config", at("Caddyfile"), "--adapter", "caddyfile"], {
      env: home,
    });
    await connectable(port, running);
    return running;
  },
  async haproxy({ at, port, plainPort, upstream }) {
    writeFileSync(
      at("both.pem"),
      readFileSync(at("host.pem"), "utf8") + readFileSync(at("host.key"), "utf8"),
    );
    writeFileSync(
      at("haproxy.cfg"),
      shipped("haproxy.cfg", [
        ["127.0.0.1:8080", `127.0.0.1:${upstream}`],
        ["/etc/haproxy/secrets.example.org.pem", at("both.pem")],
        ["bind :80", `bind 127.0.0.1:${plainPort}`],
        ["bind :443", `bind 127.0.0.1:${port}`],
      ]),
    );
    const running = new Running("haproxy", ["-f", at("haproxy.cfg"), "-db"]);
    await connectable(port, running);
    return running;
  },
};

/** The file as it is shipped, with the places that it tells an operator to replace, and its ports, replaced. */
function shipped(name: string, replaced: readonly (readonly [string, string])[]): string {
  return replaced.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
      return text.replaceAll(from, to);
    },
    readFileSync(join(SHIPPED, name), "utf8"),
  );
}

/** A certificate for `localhost` in `host.pem`, its key in `host.key`. */
function certify(folder: string): void {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "host.key"];
  execFileSync("openssl", ["req", "-x509", ...key, "-out", "host.pem", "-days", "2", ...subject], {
    cwd: folder,
    stdio: "pipe",
  });
}

async function connectable(port: number, running: Running): Promise<void> {
  await until(
    () => `the proxy to listen: ${running.output}`,
    () => {
      if (running.over) throw new Hopeless(`the proxy has ended: ${running.output}`);
      return new Promise<boolean>((resolve) => {
        const socket = createConnection(port, "127.0.0.1");
        socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
        socket.on("connect", () => socket.destroy());
      });
    },
  );
}
