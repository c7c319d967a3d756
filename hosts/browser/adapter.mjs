// The program that the runner talks to. It serves a page, opens it in Chromium, and hands each request to the page,
// which loads the modules and answers. hosts/README.md is the contract.

import process from 'node:process';

import { launchChromium } from './chromium.mjs';
import { readLines } from './lines.mjs';
import { startServer } from './server.mjs';

// Playwright ends the browser with the process, but leaves it to us to end the process.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** How many hellos there were: each gets URLs of its own, so that nothing of an earlier module can be cached. */
let hellos = 0;
/** Whether the browser is being closed by us. */
let closing = false;

try {
  const browser = await launchChromium();
  const server = await startServer();
  try {
    const run = await openPage(browser, server.origin);
    for await (const line of readLines(process.stdin)) {
      const request = JSON.parse(line);
      if (request.cmd === 'hello') {
        const hello = JSON.parse(await run(JSON.stringify(withUrls(request, server))));
        await write(`${JSON.stringify(withVersions(hello, browser))}\n`);
      } else {
        await write(`${await run(line)}\n`);
      }
    }
  } finally {
    closing = true;
    await browser.close();
    await server.close();
  }
} catch (error) {
  console.error(`adapter: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/**
 * Opens the page of host.mjs, and gives its `run`: a request as JSON in, the reply as JSON out. It is called through the
 * DevTools protocol itself, because Playwright's `evaluate` takes half as long again, and thousands of cases wait for it.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} origin of the server
 * @returns {Promise<(request: string) => Promise<string>>}
 */
async function openPage(browser, origin) {
  const page = await browser.newPage();
  await page.goto(`${origin}/host.html`);
  await page.waitForFunction('typeof run === "function"');
  const devtools = await page.context().newCDPSession(page);
  const { result: window } = await devtools.send('Runtime.evaluate', { expression: 'globalThis' });
  // Nothing more can be answered then, and the runner is to know it at once, also between two requests.
  page.once('crash', () => end('the page crashed'));
  browser.once('disconnected', () => closing || end('Chromium ended'));
  return async (request) => {
    const { result, exceptionDetails } = await devtools.send('Runtime.callFunctionOn', {
      objectId: window.objectId,
      functionDeclaration: 'async (request) => JSON.stringify(await run(JSON.parse(request)))',
      arguments: [{ value: request }],
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description?.split('\n')[0].replace(/^Error: /, ''));
    return result.value;
  };
}

/**
 * Serves the files of a hello, and puts their URLs in the place of their paths.
 *
 * @param {{ modules: Record<string, { path: string, glue?: string }> }} request
 * @param {import('./server.mjs').PageServer} server
 */
function withUrls(request, server) {
  hellos += 1;
  /** @type {Record<string, { path: string, glue?: string }>} */
  const modules = {};
  for (const [name, { path, glue }] of Object.entries(request.modules)) {
    const url = `/adapter/${hellos}/${name}`;
    server.files.set(`${url}.wasm`, path);
    modules[name] = { path: `${url}.wasm` };
    if (glue) {
      server.files.set(`${url}.js`, glue);
      modules[name].glue = `${url}.js`;
    }
  }
  return { ...request, modules };
}

/**
 * A page is told less about its browser than the browser itself tells.
 *
 * @param {Record<string, any>} hello
 * @param {import('playwright-core').Browser} browser
 */
function withVersions(hello, browser) {
  const version = browser.version();
  return { ...hello, version, runtime: `Chromium ${version}`, os: `${process.platform}/${process.arch}` };
}

/**
 * @param {string} why
 * @returns {never}
 */
function end(why) {
  console.error(`adapter: ${why}`);
  process.exit(1);
}

/**
 * Resolves when the line is with the operating system.
 *
 * @param {string} text
 * @returns {Promise<void>}
 */
function write(text) {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
