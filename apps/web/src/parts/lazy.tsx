import { ClientError } from "@mayfly/client";
import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { Notice } from "./notice.tsx";

/** A view whose code loads later. */
export interface Lazy<Props> {
  (props: Props): VNode | null;
  /** Loads the code, once. To be awaited where a secret would be lost without it. Rejects with ClientError "offline". */
  load(): Promise<void>;
}

/** Loads code when it is first wanted. Rejects with ClientError "offline", and then tries anew the next time. */
export function loading<T>(from: () => Promise<T>): () => Promise<T> {
  let loaded: T | undefined;
  return async () => {
    try {
      loaded ??= await from();
      return loaded;
    } catch {
      throw new ClientError("offline");
    }
  };
}

/** A view whose code loads when it is first shown, or before; says so when it cannot be loaded. */
export function lazy<Props extends object>(from: () => Promise<ComponentType<Props>>): Lazy<Props> {
  let loaded: ComponentType<Props> | undefined;
  const get = loading(from);
  async function load() {
    loaded = await get();
  }
  function View(props: Props) {
    const { page } = useCatalogue();
    const [outcome, setOutcome] = useState<"waiting" | "loaded" | "failed">("waiting");
    useEffect(() => {
      load().then(
        () => setOutcome("loaded"),
        () => setOutcome("failed"),
      );
    }, []);
    if (loaded) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    return outcome === "failed" ? <Notice alert>{page.fault({ code: "offline" })}</Notice> : null;
  }
  return Object.assign(View, { load });
}
