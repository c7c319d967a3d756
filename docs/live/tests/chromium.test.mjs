// The live parts in Chromium.

import { launchChromium } from '../../../hosts/browser/chromium.mjs';
import { testParts } from './parts.mjs';

testParts('Chromium', async () => {
  const browser = await launchChromium();
  return {
    async newPage(origin) {
      const page = await browser.newPage();
      /** @type {string[]} */
      const wrong = [];
      page.on(
        'console',
        (message) => ['error', 'warning', 'assert'].includes(message.type()) && wrong.push(message.text()),
      );
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('request', (request) => {
        if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(`${origin}/`))
          wrong.push(`asked ${request.url()}`);
      });
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
