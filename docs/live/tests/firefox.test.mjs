// The live parts in Firefox. Needs the newer Node, as its driver does.

import { launchFirefox } from '../../../hosts/browser/firefox.mjs';
import { testParts } from './parts.mjs';

testParts('Firefox', async () => {
  const browser = await launchFirefox();
  return {
    async newPage(origin) {
      const page = await browser.newPage();
      /** @type {string[]} */
      const wrong = [];
      page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('request', (request) => {
        if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(`${origin}/`))
          wrong.push(`asked ${request.url()}`);
      });
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
