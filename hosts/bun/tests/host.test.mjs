// The wrappers in Bun, and the programs of this folder. behaviour.mjs and programs.mjs say what they must do.

import { test } from 'bun:test';
import process from 'node:process';

import { behaviours } from './behaviour.mjs';
import { fileOf, programs } from './programs.mjs';

/** In milliseconds, for each test: the machine may be busy. */
const LIMIT = 120_000;

const wrappers = await behaviours((path) => Bun.file(path).bytes());
const run = [process.execPath, 'run'];
const processes = programs({
  host: 'bun',
  version: Bun.version,
  runtime: /^JavaScriptCore /,
  adapter: [...run, fileOf('adapter.mjs')],
  example: [...run, fileOf('example.mjs')],
});
for (const [name, work] of [...wrappers, ...processes]) test(name, async () => void (await work()), LIMIT);
