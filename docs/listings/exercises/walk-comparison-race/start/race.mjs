// ANCHOR: all
/**
 * Runs each contestant `rounds` times. `now` gives the time in milliseconds.
 * Returns how long a round took, by name.
 */
export function race(contestants, rounds, now = () => performance.now()) {
  const times = {};
  for (const [name, run] of Object.entries(contestants)) {
    const start = now();
    for (let round = 0; round < rounds; round += 1) run();
    times[name] = (now() - start) / rounds;
  }
  return times;
}
// ANCHOR_END: all
