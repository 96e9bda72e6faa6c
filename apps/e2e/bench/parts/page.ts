import { sum, weigh } from "../../src/page-weight.ts";
import { openStage } from "../../src/stage.ts";
import type { Figure, Part } from "../figure.ts";

export const pagePart: Part = {
  name: "page",
  title: "What the page weighs",
  notes: [
    "What Chromium receives at a first visit, compressed with Brotli: the document, style, icon, and the scripts of the page, the view and the language. A passphrase loads 5 KB more, when it is typed; the QR code and what follows a press come when they are wanted.",
  ],
  async run() {
    const stage = await openStage("chromium");
    try {
      const { link } = await stage.protect("x");
      const figures: Figure[] = [];
      for (const [subject, address] of [
        ["to send", `${stage.origin}/`],
        ["to open a link", link],
      ] as const) {
        const weights = await weigh(await stage.person(), address, "br");
        const kilobytes = (type?: string) =>
          sum(weights.filter((each) => type === undefined || each.type === type)) / 1000;
        figures.push(
          { subject, what: "script", value: kilobytes("script"), unit: "KB" },
          { subject, what: "style", value: kilobytes("stylesheet"), unit: "KB" },
          { subject, what: "all", value: kilobytes(), unit: "KB" },
        );
        await stage.clear();
      }
      return figures;
    } finally {
      await stage.close();
    }
  },
};
