// Starts the Chromium of this machine, without a window and with a profile of its own.

import process from 'node:process';

import { chromium } from 'playwright-core';

import { findProgram } from './find-program.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * What the adapter needs of a browser.
 *
 * @typedef {object} Driven
 * @property {string} name
 * @property {string} version
 * @property {(url: string, gone: (why: string) => void) => Promise<unknown>} open opens a page; calls `gone` when the
 *   page or the browser ends
 * @property {() => Promise<unknown>} close
 */

/** @returns {Promise<Driven>} */
export async function driveChromium() {
  const browser = await launchChromium();
  return {
    name: 'Chromium',
    version: browser.version(),
    async open(url, gone) {
      const page = await browser.newPage();
      page.once('crash', () => gone('the page crashed'));
      browser.once('disconnected', () => gone('Chromium ended'));
      await page.goto(url);
    },
    close: () => browser.close(),
  };
}

/**
 * The browser ends with this process, however that ends: it hangs on a pipe.
 *
 * @param {string[]} [flags] more of Chromium's own flags
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launchChromium(flags = []) {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [...FLAGS, ...flags],
    // Chromium's sandbox refuses to run for root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/**
 * @returns {string} the path of the program: what CHROMIUM names, or else the first one in PATH
 * @throws {Error} where there is none, with how to get it
 */
export function findChromium() {
  return findProgram('Chromium', 'CHROMIUM', NAMES, 'chromium');
}
