import { CryptoError } from "./crypto-error.ts";

/** Bytes over an ArrayBuffer, never a SharedArrayBuffer, as Blob and fetch require. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The parts joined in order, in a new array. */
export function joinBytes(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether both hold the same bytes. The time taken depends on the lengths only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Whether every byte is zero. The time taken depends on the length only. */
export function onlyZeros(bytes: Uint8Array): boolean {
  let seen = 0;
  for (let i = 0; i < bytes.length; i++) seen |= bytes[i] as number;
  return seen === 0;
}

/** Encodes a well-formed text as UTF-8. TextEncoder would replace an unpaired surrogate silently. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Throws CryptoError "argument" unless `bytes` is a Uint8Array of exactly `length`. */
export function requireLength(bytes: Uint8Array, length: number): void {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) throw new CryptoError("argument");
}
