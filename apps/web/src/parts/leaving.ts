import { useLayoutEffect } from "preact/hooks";

/** While `losing`, the browser asks before the page is left. Browsers ask only a person who has used the page. */
export function useLeavingAsked(losing: boolean): void {
  useLayoutEffect(() => {
    if (!losing) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [losing]);
}
