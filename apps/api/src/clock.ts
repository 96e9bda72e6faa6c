/** Both clocks of the process, handed in so that tests can move them. Milliseconds. */
export interface Clock {
  /** Never goes back, but stands still while the machine sleeps. */
  monotonic(): number;
  /** Since the epoch; jumps when it is set. */
  wall(): number;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};
