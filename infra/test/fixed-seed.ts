/** Before every test file: properties draw the same examples in every run, so that a failure is the change's. */
import fc from "fast-check";

/** `pnpm nightly` gives another. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
