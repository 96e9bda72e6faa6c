/** How many attack: as many as show something within minutes, or with `ATTACK=full` as many as it takes to be believed. */
const full = process.env.ATTACK === "full";

/** Random ids, over each store. */
export const GUESSES = full ? 1_000_000 : 20_000;

/** Largest envelopes asked for from one network. */
export const CREATES = full ? 10_000 : 300;

/** For a test that goes through all of them. */
export const ATTACK_MS = full ? 3 * 3_600_000 : 180_000;
