import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const { choose } = await import(pathToFileURL(path.resolve(process.argv[2], 'choose.mjs')));
const made = process.argv[3];
const of = (name) => readFileSync(path.join(made, `${name}.wasm`));
const broken = Uint8Array.from([...of('good')], (byte, at) => (at === 4 ? 9 : byte)); // of a version that nobody has

assert.equal(choose([of('best'), of('good')]).which(), 1, 'the best one, if it works');
assert.equal(choose([broken, of('good')]).which(), 2, 'one with a feature that the host lacks');
assert.equal(choose([of('wrong'), of('good')]).which(), 2, 'one that is valid and gives a wrong answer');
assert.equal(choose([broken, of('trap'), of('wrong'), of('good')]).which(), 2, 'one that is valid and traps');
assert.throws(() => choose([broken, of('wrong')]), /./, 'none that works');
