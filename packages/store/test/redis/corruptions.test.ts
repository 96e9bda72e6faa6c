import { afterAll } from "vitest";
import { describeCorruptions } from "../conformance/corruptions.ts";
import { redisHarness } from "./harness.ts";

const harness = await redisHarness();
afterAll(() => harness.stop());
describeCorruptions(harness, "redis");
