// What the tests that run on every engine share. They know no test runner and no assertion library.

/** @typedef {[name: string, work: () => unknown][]} Tests each to be run as a test of its own */

/** @returns {{ tests: Tests, test: (name: string, work: () => unknown) => void }} a list, and what adds to it */
export function listOfTests() {
  /** @type {Tests} */
  const tests = [];
  return { tests, test: (name, work) => void tests.push([name, work]) };
}

export function expect(/** @type {unknown} */ isSo, /** @type {string} */ text) {
  if (!isSo) throw new Error(text);
}

export function same(/** @type {Uint8Array} */ one, /** @type {Uint8Array} */ other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
