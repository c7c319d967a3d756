// Two threads with a stack for each, and with one for both. Run in the root of the workspace.

import { inThreads, newMemory } from './pool.mjs';

// ANCHOR: stack
/** Whether one of two threads is disturbed. A race isn't lost each time, so there are several tries. */
async function isDisturbed(options, tries) {
  for (let left = tries; left > 0; left -= 1) {
    const lists = [1, 2].map((mine) => [mine, 1_000_000]);
    const times = await inThreads(newMemory(), 'disturbed', lists, options);
    if (times.some((each) => each > 0)) return true;
  }
  return false;
}

console.log('a stack for each thread: disturbed:', await isDisturbed({ ownStacks: true }, 2));
console.log('one stack for both:      disturbed:', await isDisturbed({ ownStacks: false }, 50));
// ANCHOR_END: stack
