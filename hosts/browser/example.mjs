// Opens the page example.html in Chromium, and lets it sign a message, make an EdDSA JWT of it, and have the `jose`
// library verify the token. All of that happens in the page; this program only fills in the form and prints.
//
//   node example.mjs [--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]
//
// The module is signer-raw.wasm; without --module, the one that this workspace has built. A key file has the 64 bytes of
// the keypair, or their 128 hex digits. Without one the key of the book is used: it is published, so it is good for tests
// and for nothing else.

import { Buffer } from 'node:buffer';
import { access, readFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { launchChromium } from './chromium.mjs';
import { startServer } from './server.mjs';

async function main() {
  const { values } = parseArgs({
    options: {
      message: { type: 'string' },
      'message-file': { type: 'string' },
      'key-file': { type: 'string' },
      module: { type: 'string' },
    },
  });
  const message = values['message-file'] ? await readFile(values['message-file'], 'utf8') : (values.message ?? 'hello');
  const key = values['key-file'] ? hexOf(await readFile(values['key-file'])) : undefined;
  if (values.module) await access(values.module);

  const browser = await launchChromium();
  const server = await startServer();
  if (values.module) server.files.set('/modules/signer-raw.wasm', values.module);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/example.html`);
    await page.locator('#go:enabled').waitFor();
    await page.fill('#message', message);
    if (key !== undefined) await page.fill('#key', key);
    await page.click('#go');
    await page.locator('#status:not(:empty)').waitFor();
    const status = await page.textContent('#status');
    if (status !== 'Signed, and verified by jose.') throw new Error(status ?? 'the page said nothing');

    console.log(`message     ${Buffer.byteLength(message)} bytes`);
    console.log(`public key  ${await page.textContent('#public-key')}`);
    console.log(`signature   ${await page.textContent('#signature')}`);
    console.log(`token       ${await page.textContent('#token')}`);
    console.log(`jose        ${await page.textContent('#verified')}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @param {Buffer} file */
function hexOf(file) {
  const text = file.toString('latin1').trim();
  return file.length !== 64 && /^[0-9a-f]{128}$/.test(text) ? text : file.toString('hex');
}

await main().catch((error) => {
  console.error(`example: ${error.message}`);
  process.exitCode = 1;
});
