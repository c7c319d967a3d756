import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const wasm = readFileSync(process.argv[2]);
const { instance } = await WebAssembly.instantiate(wasm);
const pin = text => instance.exports.pin(Buffer.from(text).readUInt32LE());

assert.equal(pin('0000'), 0);
assert.equal(pin('1234'), 1234);
assert.equal(pin('9999'), 9999);
for (const text of ['123a', ' 123', '12/4', '1:34']) assert.throws(() => pin(text), WebAssembly.RuntimeError, text);
assert(wasm.length < 1000, `the module has ${wasm.length} bytes`);
