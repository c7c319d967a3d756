// The live parts in Chromium.

import { launchChromium } from '../../../hosts/browser/chromium.mjs';
import { wrongOn } from '../../../hosts/browser/tests/visit.mjs';
import { testParts } from './parts.mjs';

testParts('Chromium', async () => {
  const browser = await launchChromium();
  return {
    async newPage(origin) {
      const page = await browser.newPage();
      const wrong = wrongOn(page, origin, { kinds: ['error', 'warning', 'assert'] });
      return {
        goto: (url) => page.goto(url),
        // playwright passes one argument: here it is a list of them, and the function comes as text.
        evaluate: (work, ...args) => page.evaluate(`(${work})(...${JSON.stringify(args)})`),
        press: (key) => page.keyboard.press(key),
        resize: (size) => page.setViewportSize(size),
        wrong,
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
});
