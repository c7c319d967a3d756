import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { glue } = await import(pathToFileURL(process.argv[2]));
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[3]));
const upper = glue(instance.exports);

for (const text of ['hello', '', 'blåbær', 'ß', 'a'.repeat(200_000)]) {
  assert.equal(upper(new TextEncoder().encode(text)), text.toUpperCase());
  assert.equal(instance.exports.allocated(), 0, `everything is freed after a text of ${text.length} units`);
}
assert.throws(() => upper(Uint8Array.of(0xff)), TypeError);
assert.equal(instance.exports.allocated(), 0, 'everything is freed after an error');
