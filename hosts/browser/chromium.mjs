// Starts the Chromium of this machine, without a window and with a profile of its own.

import process from 'node:process';

import { driven, findProgram } from './find-program.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export async function driveChromium() {
  const browser = await launchChromium();
  return driven('Chromium', browser.version(), browser, 'crash');
}

/**
 * The browser ends with this process, however that ends: it hangs on a pipe.
 *
 * @param {string[]} [flags] more of Chromium's own flags
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchChromium(flags = []) {
  const { chromium } = await import('playwright-core').catch((cause) => {
    throw new Error('playwright-core is not installed; install it with: make setup', { cause });
  });
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [...FLAGS, ...flags],
    // Chromium's sandbox refuses to run for root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/** Also what hosts.toml asks whether the browser is installed, with what drives it. That takes half a second to load. */
export function findChromium() {
  import.meta.resolve('playwright-core');
  return findProgram('Chromium', 'CHROMIUM', NAMES, 'chromium');
}
