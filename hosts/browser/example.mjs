// Opens the page example.html in Chromium, and lets it sign a message, make an EdDSA JWT of it, and have the `jose`
// library verify the token. All of that happens in the page; this program only fills in the form and prints.
//
//   node example.mjs [--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]

import { readFile } from 'node:fs/promises';

import { fromHex, toHex } from '../javascript/conformance/bytes.mjs';
import { example } from '../javascript/example.mjs';
import { launchChromium } from './chromium.mjs';
import { startServer } from './server.mjs';

await example(async ({ message, keypair, module }) => {
  const wasm = await readFile(module);
  const browser = await launchChromium();
  const server = await startServer();
  server.files.set('/modules/signer-raw.wasm', module);
  try {
    const page = await browser.newPage();
    const status = async () => (await page.textContent('#status')) ?? '';
    const textOf = async (/** @type {string} */ id) => (await page.textContent(`#${id}`)) ?? '';
    await page.goto(`${server.origin}/example.html`);
    await page.locator('#go:enabled, #status.bad').first().waitFor();
    // The page could not compile the module.
    if (await page.locator('#status.bad').count()) throw new WebAssembly.CompileError(await status());
    await page.fill('#message', message);
    await page.fill('#key', toHex(keypair));
    await page.click('#go');
    await page.locator('#status:not(:empty)').waitFor();
    if ((await status()) !== 'Signed, and verified by jose.') throw errorOf(await status());
    return {
      wasm,
      publicKey: fromHex(await textOf('public-key')),
      signature: fromHex(await textOf('signature')),
      token: await textOf('token'),
      where: { host: 'browser', runtime: `Chromium ${browser.version()}, V8` },
    };
  } finally {
    await browser.close();
    await server.close();
  }
});

/** The error that the page shows, with its code if it has one. */
function errorOf(/** @type {string} */ status) {
  const [, code, message] = /^([A-Z_]+): (.*)$/.exec(status) ?? [];
  return code ? Object.assign(new Error(message), { name: 'SignerError', code }) : new Error(status);
}
