// The program that the runner talks to. It serves a page, opens it in a browser, and hands each request to the page,
// which loads the modules and answers. hosts/CONTRACT.md is the contract.
//
//   node adapter.mjs [chromium | firefox]

import { accessSync } from 'node:fs';
import process from 'node:process';

import { openBridge } from './bridge.mjs';
import { withFiles, writeFiles } from './folders.mjs';
import { readLines } from '../javascript/conformance/lines.mjs';
import { startServer } from './server.mjs';

/** How long the browser may take to close, in milliseconds. It is killed then. */
const CLOSING_LIMIT = 5000;
/** How long after the page the browser may still be heard of, in milliseconds. */
const BROWSER_FIRST = 1000;
/** How often to look whether this process still has the parent that it began with, in milliseconds. */
const PARENT_INTERVAL = 1000;

// The browser ends with the process, but leaves it to us to end the process.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// A runner that was killed closes stdin, but the page may be in an endless loop and never answer what was asked before.
const parent = process.ppid;
setInterval(
  () => process.ppid === parent || end('the process that started this one has ended'),
  PARENT_INTERVAL,
).unref();

/** How many hellos there were: each gets URLs of its own, so that nothing of an earlier module can be cached. */
let hellos = 0;
/** Whether the browser is being closed by us. */
let closing = false;

try {
  const browser = await drive(process.argv[2] ?? 'chromium');
  const server = await startServer();
  try {
    const page = await openPage(browser, server);
    for await (const line of readLines(process.stdin)) {
      const request = JSON.parse(line);
      if (request.cmd === 'hello') {
        const hello = JSON.parse(await page.ask(JSON.stringify(withUrls(request, server))));
        process.stdout.write(`${JSON.stringify(withVersions(hello, browser))}\n`);
      } else if (request.op === 'wasi') {
        const reply = page.ask(JSON.stringify(withFiles(request)));
        reply.then((text) => process.stdout.write(`${JSON.stringify(writeFiles(request, JSON.parse(text)))}\n`));
      } else {
        page.ask(line).then((reply) => process.stdout.write(`${reply}\n`));
      }
    }
    await page.idle();
  } finally {
    closing = true;
    setTimeout(() => process.exit(), CLOSING_LIMIT).unref();
    await browser.close();
    await server.close();
  }
} catch (error) {
  end(error instanceof Error ? error.message : String(error));
}

/**
 * Starts a browser. Each has a driver of its own, which the other does not need.
 *
 * @returns {Promise<import('./find-program.mjs').Driven>}
 */
async function drive(/** @type {string} */ name) {
  if (name === 'chromium') return (await import('./chromium.mjs')).driveChromium();
  if (name === 'firefox') return (await import('./firefox.mjs')).driveFirefox();
  throw new Error(`no such browser: ${name}; expected chromium or firefox`);
}

/**
 * Opens the page of host.mjs, which connects to us, and asks it. Requests go through a WebSocket, because a driver's
 * `evaluate` takes longer than most cases; replies come in the order of the requests.
 *
 * @param {import('./find-program.mjs').Driven} browser
 * @param {import('./server.mjs').PageServer} server
 */
async function openPage(browser, server) {
  const { page, connected } = openBridge(server);
  // Nothing more can be answered then, and the runner is to know it at once, also between two requests.
  await browser.open(page, (why) => closing || end(why));
  const socket = await connected;
  // Where the browser is gone, it says so itself in a moment.
  socket.once('close', () => setTimeout(() => closing || end('the page went away'), BROWSER_FIRST));
  /** @type {((reply: string) => void)[]} */
  const waiting = [];
  let idle = () => {};
  socket.on('message', (data) => {
    const reply = data.toString();
    if (reply.startsWith('{"failed":')) end(JSON.parse(reply).failed);
    waiting.shift()?.(reply);
    if (waiting.length === 0) idle();
  });
  return {
    /**
     * @param {string} request
     * @returns {Promise<string>}
     */
    ask: (request) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.send(request);
      }),
    /** @returns {Promise<void>} when nothing waits for a reply */
    idle: () =>
      new Promise((resolve) => {
        idle = resolve;
        if (waiting.length === 0) idle();
      }),
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
  const modules = Object.entries(request.modules).map(([name, { path, glue, ...others }]) => {
    const served = (/** @type {string} */ ending, /** @type {string} */ file) => {
      // The page knows the URL alone: its message would not name the file.
      accessSync(file);
      server.files.set(`/adapter/${hellos}/${name}.${ending}`, file);
      return `/adapter/${hellos}/${encodeURIComponent(name)}.${ending}`;
    };
    return [name, { ...others, path: served('wasm', path), ...(glue && { glue: served('js', glue) }) }];
  });
  return { ...request, modules: Object.fromEntries(modules) };
}

/**
 * A page knows less about its browser than the browser's driver does.
 *
 * @param {Record<string, any>} hello
 * @param {import('./find-program.mjs').Driven} browser
 */
function withVersions(hello, { name, version }) {
  return { ...hello, version, runtime: `${name} ${version}`, os: `${process.platform}/${process.arch}` };
}

/** @returns {never} */
function end(/** @type {string} */ why) {
  console.error(`adapter: ${why}`);
  process.exit(1);
}
