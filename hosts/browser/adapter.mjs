// The program that the runner talks to. It serves a page, opens it in Chromium, and hands each request to the page,
// which loads the modules and answers. hosts/README.md is the contract.

import process from 'node:process';

import { launchChromium } from './chromium.mjs';
import { readLines } from './lines.mjs';
import { startServer } from './server.mjs';

/** How many hellos there were: each gets URLs of its own, so that nothing of an earlier module can be cached. */
let hellos = 0;

try {
  const server = await startServer();
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/host.html`);
    await page.waitForFunction('typeof run === "function"');
    for await (const line of readLines(process.stdin)) {
      const request = JSON.parse(line);
      // As text, in both directions: Playwright would walk through every value of an object.
      const text = request.cmd === 'hello' ? JSON.stringify(withUrls(request, server)) : line;
      const reply = await page.evaluate(
        // @ts-expect-error: `run` is the page's own function
        async (json) => JSON.stringify(await globalThis.run(JSON.parse(json))),
        text,
      );
      await write(`${request.cmd === 'hello' ? JSON.stringify(withVersions(JSON.parse(reply), browser)) : reply}\n`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
} catch (error) {
  console.error(`adapter: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
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
