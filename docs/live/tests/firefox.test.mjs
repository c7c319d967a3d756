// The live parts in Firefox. Needs the newer Node, as its driver does.

import { launchFirefox } from '../../../hosts/browser/firefox.mjs';
import { wrongOn } from '../../../hosts/browser/tests/visit.mjs';
import { testParts } from './parts.mjs';

testParts('Firefox', async () => {
  const browser = await launchFirefox();
  return {
    async newPage(origin) {
      const page = await browser.newPage();
      const wrong = wrongOn(page, origin);
      return {
        goto: (url) => page.goto(url),
        evaluate: (work, ...args) => page.evaluate(`(${work})(...${JSON.stringify(args)})`),
        press: (key) => page.keyboard.press(/** @type {any} */ (key)),
        resize: (size) => page.setViewport(size),
        wrong,
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
});
