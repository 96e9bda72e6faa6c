import { ENDS, type SecretState } from "@mayfly/store";
import { END_STATES, type State } from "@mayfly/wire";
import { expect, expectTypeOf, test } from "vitest";

// The store imports nothing of the wire, and so has lists of its own.
test("the store and the wire know the same states", () => {
  expect(ENDS).toEqual(END_STATES);
  expectTypeOf<SecretState>().toEqualTypeOf<State>();
});
