import { describeCorruptions } from "../conformance/corruptions.ts";
import { sqliteHarness } from "./bench.ts";

describeCorruptions(sqliteHarness, "sqlite");
