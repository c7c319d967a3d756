// Finds a browser on this machine, and opens a page in it. The two drivers are alike in what is used here.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/**
 * @param {string} what for the message
 * @param {string} variable of the environment that may name it
 * @param {string[]} names under which it may be in PATH
 * @param {string} debianPackage that has it
 * @returns {string} the path of the program: what the variable names, or else the first one in PATH
 * @throws {Error} where there is none, with how to get it
 */
export function findProgram(what, variable, names, debianPackage) {
  const named = process.env[variable];
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`${variable} is ${named}, which is no program; name one, or unset it to search PATH`);
  }
  const folders = [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), '/usr/bin'];
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(
    `no ${what} in PATH; install one (Debian: apt-get install --no-install-recommends ${debianPackage}), ` +
      `or name it in ${variable}`,
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

/**
 * @param {string} name
 * @param {string} version
 * @param {any} browser of playwright or puppeteer
 * @param {string} crash the event of a page
 * @returns {Driven}
 */
export const driven = (name, version, browser, crash) => ({
  name,
  version,
  async open(url, gone) {
    const page = await browser.newPage();
    page.once(crash, () => gone('the page crashed'));
    browser.once('disconnected', () => gone(`${name} ended`));
    await page.goto(url);
  },
  close: () => browser.close(),
});
