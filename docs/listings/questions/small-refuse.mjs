// Prints the features of small-refuse.rs whose module is not small: more than ten times the smallest.

import { build } from './build.mjs';

// ANCHOR: shown
const OPTIONS = ['--target', 'wasm32-unknown-unknown', '--crate-type', 'cdylib', '-C', 'opt-level=s', '-C', 'strip=symbols'];
const sizes = ['message', 'trap', 'status'].map(name => ({
  name,
  size: build('small-refuse.rs', ...OPTIONS, '--cfg', `feature="${name}"`).length,
}));
const smallest = Math.min(...sizes.map(({ size }) => size));
console.log(sizes.filter(({ size }) => size > 10 * smallest).map(({ name }) => name).join(', '));
// ANCHOR_END: shown
