import { load } from './build.mjs';

const { add } = load('panics-borrow.rs').exports;
// ANCHOR: shown
const results = [1, 0, 2].map(n => {
  try {
    return add(n);
  } catch {
    return 'trap';
  }
});
console.log(results.join(', '));
// ANCHOR_END: shown
