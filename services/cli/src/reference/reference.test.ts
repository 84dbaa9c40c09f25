import { expect, test } from "vitest";
import { PAGES } from "./pages.ts";

test.each(PAGES)(
  "reference - docs/reference/%s is what the code says; `npm run reference` writes it anew",
  async (file, text) => {
    await expect(text()).toMatchFileSnapshot(`../../../../docs/reference/${file}`);
  },
);
