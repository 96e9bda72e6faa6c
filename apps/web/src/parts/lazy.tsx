import { ClientError } from "@mayfly/client";
import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { Notice } from "./notice.tsx";

/** A view whose code loads later. */
interface Lazy<Props> {
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

/** A view whose code loads when it is first shown, or before. If loading fails, the view says so and offers to try again. */
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
      if (outcome !== "waiting") return;
      load().then(
        () => setOutcome("loaded"),
        () => setOutcome("failed"),
      );
    }, [outcome]);
    if (loaded) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    if (outcome !== "failed") return null;
    return (
      <Notice alert>
        <p>{page.fault({ code: "offline" })}</p>
        <button type="button" onClick={() => setOutcome("waiting")}>
          {page.tryAgain}
        </button>
      </Notice>
    );
  }
  return Object.assign(View, { load });
}
