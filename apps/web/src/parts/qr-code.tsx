import { encode } from "uqr";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import "./qr-code.css";

/** A text as a QR code: one SVG path, black on white in every colour scheme. Loaded when it is asked for. */
export function QrCode({ text }: { text: string }) {
  const { ready } = useCatalogue();
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={ready.qrLabel}>
      <path d={path} />
    </svg>
  );
}
