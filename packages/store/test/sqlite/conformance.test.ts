import { describeStore } from "../conformance/store.ts";
import { sqliteHarness } from "./bench.ts";

describeStore(sqliteHarness);
