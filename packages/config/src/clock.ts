/** Both clocks of a process, in milliseconds. Handed in, so that tests can move them. */
export interface Clock {
  /** Never set back, but stands still while the machine sleeps. From any origin. */
  monotonic(): number;
  /** Since the epoch. Jumps when it is set. */
  wall(): number;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};
