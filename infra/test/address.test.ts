import { expect, it } from "vitest";
import { addressToAsk, addressToOpen } from "../src/address.ts";

it.each([
  ["127.0.0.1", null, "http://localhost:8080", "http://127.0.0.1:8080"],
  ["localhost", null, "http://localhost:8080", "http://localhost:8080"],
  ["::1", null, "http://[::1]:8080", "http://[::1]:8080"],
  ["0.0.0.0", "https://secrets.example.org", "https://secrets.example.org", "http://127.0.0.1:8080"],
  ["::", "https://secrets.example.org", "https://secrets.example.org", "http://[::1]:8080"],
])(
  "listening on %s with the public address %s, it is opened at %s and asked at %s",
  (host, publicOrigin, open, ask) => {
    expect(addressToOpen({ host, publicOrigin }, 8080)).toBe(open);
    expect(addressToAsk({ host, publicOrigin }, 8080)).toBe(ask);
  },
);
