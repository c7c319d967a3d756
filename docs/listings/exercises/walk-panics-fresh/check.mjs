import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { Guest } = await import(pathToFileURL(process.argv[2]));
const guest = new Guest(new WebAssembly.Module(readFileSync(process.argv[3])));

assert.equal(guest.call('next'), 1);
assert.equal(guest.call('next'), 2);
assert.throws(() => guest.call('broken'), { code: 'TRAPPED' });
assert.equal(guest.call('next'), 1, 'after a trap the count starts again');
assert.equal(guest.call('next'), 2, 'and only after a trap');
assert.throws(() => guest.call('no_such_export'), TypeError, 'an error that is no trap stays as it is');
assert.equal(guest.call('next'), 3, 'and does not make a new instance');
