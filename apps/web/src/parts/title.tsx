import { useEffect, useRef } from "preact/hooks";

/** A view's heading. `arrive`: takes the focus when the view comes, so that it is read out and the next Tab is right. */
export function Title({ text, arrive }: { text: string; arrive?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (arrive) heading.current?.focus();
  }, [arrive]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {text}
    </h1>
  );
}
