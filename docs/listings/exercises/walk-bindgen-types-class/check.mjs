import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { classOf } = await import(pathToFileURL(process.argv[2]));
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[3]));
const Counter = classOf(instance.exports);
const alive = () => instance.exports.alive();

const [one, two] = [new Counter(), new Counter()];
assert.equal(one.add(3), 3);
assert.equal(two.add(0xfffffff0), 0xfffffff0, 'a sum above 2 ** 31 has no sign');
assert.equal(one.merge(two), 0xfffffff3);
assert.equal(alive(), 1, 'the counter that was merged is gone');
two.free();
assert.equal(alive(), 1, 'and free does nothing to it');
assert.throws(() => two.add(1), Error);
assert.throws(() => one.merge(two), Error);
assert.throws(() => one.merge(one), Error);
assert.equal(one.add(1), 0xfffffff4, 'a refused call changes nothing');
one.free();
one.free();
assert.equal(alive(), 0);
assert.throws(() => one.add(1), Error);

// A refused merge must not take the other counter.
const kept = new Counter();
assert.throws(() => one.merge(kept), Error);
assert.equal(kept.add(7), 7);
kept.free();
assert.equal(alive(), 0);
