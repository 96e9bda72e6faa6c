import { ClientError } from "@mayfly/client";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { faultOf } from "../fault.ts";
import { words } from "../words/words.ts";
import { Notice } from "./notice.tsx";

/** A view whose code loads later. */
export interface Lazy<Props> {
  View: ComponentType<Props>;
  /** Loads the code, once. Where losing it would lose a secret, await it first. Rejects with ClientError "offline". */
  load(): Promise<void>;
}

/** A view whose code loads when it is first shown, or before. */
export function lazy<Props extends object>(from: () => Promise<ComponentType<Props>>): Lazy<Props> {
  let loaded: ComponentType<Props> | undefined;
  async function load() {
    try {
      loaded ??= await from();
    } catch {
      throw new ClientError("offline");
    }
  }
  function View(props: Props) {
    const [outcome, setOutcome] = useState<unknown>(loaded);
    useEffect(() => {
      load().then(() => setOutcome(true), setOutcome);
    }, []);
    if (loaded) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    return outcome ? <Notice alert>{words.fault(faultOf(outcome))}</Notice> : null;
  }
  return { View, load };
}
