import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

let now = 5_000n;
let asked = 0;
const host = {
  now: () => {
    asked += 1;
    return now;
  },
};
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { host });
const allow = (time) => {
  now = time;
  return instance.exports.allow() === 1;
};

assert.deepEqual([5000n, 5001n, 5002n].map(allow), [true, true, true]);
assert.equal(asked, 3, 'the host is asked once for each call');
assert.equal(allow(5003n), false, 'a fourth call within a second');
assert.equal(allow(5999n), false, 'and the second is not over');
assert.equal(allow(6000n), true, 'the first call is a second ago');
assert.equal(allow(6000n), false);
assert.equal(allow(5990n), false, 'a clock that goes back allows nothing more, and does not trap');
assert.equal(allow(9000n), true);
