import { load } from './build.mjs';

const { half } = load('panics-half.rs').exports;
// ANCHOR: shown
try {
  console.log(half(3));
} catch (error) {
  console.log(error.name);
}
// ANCHOR_END: shown
