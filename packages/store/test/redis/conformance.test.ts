import { afterAll } from "vitest";
import { describeStore } from "../conformance/store.ts";
import { redisHarness } from "./harness.ts";

const harness = await redisHarness();
afterAll(() => harness.stop());
describeStore(harness);
