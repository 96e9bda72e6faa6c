import type * as wire from "@mayfly/wire";
import { expectTypeOf, test } from "vitest";
import type {
  EndState,
  FieldFault,
  ProtectOptions,
  Service,
  ServiceErrorCode,
  State,
  Status,
} from "../src/index.ts";

// The library tells its answers in types of its own, so that a program outside needs no schema library for them.
test("what the library calls an answer is what the wire's schemas make it (held by the type check)", () => {
  expectTypeOf<Status>().toEqualTypeOf<wire.Status>();
  expectTypeOf<Service>().toEqualTypeOf<wire.Service>();
  expectTypeOf<State>().toEqualTypeOf<wire.State>();
  expectTypeOf<EndState>().toEqualTypeOf<wire.EndState>();
  expectTypeOf<FieldFault>().toEqualTypeOf<wire.FieldFault>();
  expectTypeOf<ServiceErrorCode>().toEqualTypeOf<wire.ProblemCode>();
  expectTypeOf<ProtectOptions["reads"]>().toEqualTypeOf<wire.ReserveBody["reads"]>();
});
