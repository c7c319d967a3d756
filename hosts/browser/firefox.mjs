// Starts the Firefox of this machine, without a window and with a profile of its own. puppeteer-core speaks WebDriver
// BiDi with it; it needs Node 22 or later.

import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import puppeteer from 'puppeteer-core';

import { driven, findProgram } from './find-program.mjs';

const NAMES = ['firefox-esr', 'firefox'];
const WHILE_OPEN = fileURLToPath(new URL('while-open.sh', import.meta.url));

/** How long it may take to start, in milliseconds: a fresh profile on a busy machine takes its time. */
const STARTING_LIMIT = 50_000;

/** Puppeteer switches off what asks for updates; these ask for something else. */
const PREFERENCES = {
  'browser.region.network.url': '',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

export async function driveFirefox() {
  const browser = await launchFirefox();
  return driven('Firefox', (await browser.version()).replace(/^firefox\//i, ''), browser, 'error');
}

/**
 * The browser ends with this process, however that ends, and its profile goes with it.
 *
 * @param {Record<string, unknown>} [preferences] more of Firefox's own
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export function launchFirefox(preferences = {}) {
  const firefox = findFirefox();
  const profile = mkdtempSync(path.join(os.tmpdir(), 'everyhost-firefox-'));
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: WHILE_OPEN,
    env: { ...process.env, EVERYHOST_FIREFOX: firefox, EVERYHOST_PROFILE: profile },
    userDataDir: profile,
    headless: true,
    timeout: STARTING_LIMIT,
    extraPrefsFirefox: { ...PREFERENCES, ...preferences },
    // Whoever calls this decides what a signal means.
    handleSIGHUP: false,
    handleSIGINT: false,
    handleSIGTERM: false,
  });
}

/** Also what hosts.toml asks whether the browser is installed. */
export const findFirefox = () => findProgram('Firefox', 'FIREFOX', NAMES, 'firefox-esr');
