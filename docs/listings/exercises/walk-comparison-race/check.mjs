import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const { race } = await import(pathToFileURL(process.argv[2]));

// A clock that only the contestants move. The second one has one round that is very slow.
let time = 0;
const order = [];
const contestant = (name, times) => () => {
  order.push(name);
  time += times.shift();
};
const result = race({ a: contestant('a', [3, 1, 2, 2, 2]), b: contestant('b', [4, 900, 4, 5, 4]) }, 5, () => time);
assert.equal(order.join(''), 'ababababab', 'they take turns');
assert.deepEqual(result, { a: 2, b: 4 }, 'medians');
assert.deepEqual(race({ a: contestant('a', [1, 4]) }, 2, () => time), { a: 2.5 }, 'of an even number of rounds');
