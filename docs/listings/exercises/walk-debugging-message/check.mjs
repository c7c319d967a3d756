import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const { Guest } = await import(pathToFileURL(path.resolve(process.argv[2], 'guest.mjs')));
const module = new WebAssembly.Module(readFileSync(process.argv[3]));

const guest = new Guest(module);
assert.equal(guest.call('half', 12), 6);
assert.throws(
  () => guest.call('half', 13),
  (error) => /^half: panicked at .*\n13 is odd$/.test(error.message) && error.cause instanceof WebAssembly.RuntimeError,
  'the message of a panic, and the trap as its cause',
);
assert.throws(
  () => guest.call('trap'),
  (error) => error instanceof WebAssembly.RuntimeError && !error.message.includes('odd'),
  'a trap without a panic has no message of another call',
);
assert.throws(() => guest.call('no_such_export'), TypeError, 'what is no trap stays what it is');
