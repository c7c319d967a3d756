// Starts the Chromium of this machine, without a window and with a profile of its own.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

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
  const named = process.env.CHROMIUM;
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`CHROMIUM is ${named}, which is no program; name one, or unset it to search PATH`);
  }
  const folders = [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), '/usr/bin'];
  const found = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(
    'no Chromium in PATH; install one (Debian: apt-get install --no-install-recommends chromium), or name it in CHROMIUM',
  );
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
