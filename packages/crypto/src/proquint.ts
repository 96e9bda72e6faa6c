import { randomBytes } from "./randomness.ts";

// Proquints (Wilkerson 2009, arXiv:0901.4016): five letters (CVCVC) hold 16 bits and are easy to say.
const consonants = "bdfghjklmnprstvz";
const vowels = "aiou";

const suggestedWords = 5;
export const suggestedBits = 16 * suggestedWords;

/** Writes a 16-bit number as five letters. */
export function proquint(value: number): string {
  const consonant = (shift: number) => consonants.charAt((value >> shift) & 15);
  const vowel = (shift: number) => vowels.charAt((value >> shift) & 3);
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0);
}

/** A passphrase of five pronounceable words, 80 random bits. Throws CryptoError "no_randomness". */
export function suggestPassphrase(): string {
  const { buffer } = randomBytes(2 * suggestedWords);
  return [...new Uint16Array(buffer)].map(proquint).join("-");
}
