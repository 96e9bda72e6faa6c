import { useLayoutEffect } from "preact/hooks";

/** As long as `losing`, the browser asks before this page is left or loaded anew. Browsers ask only whoever has used it. */
export function useLeavingAsked(losing: boolean): void {
  useLayoutEffect(() => {
    if (!losing) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [losing]);
}
