// ANCHOR: all
/**
 * Runs each contestant `rounds` times, in turn. `now` gives the time in milliseconds.
 * Returns how long a round took, by name: the median of its rounds.
 */
export function race(contestants, rounds, now = () => performance.now()) {
  const all = Object.fromEntries(Object.keys(contestants).map(name => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const start = now();
      run();
      all[name].push(now() - start);
    }
  }
  return Object.fromEntries(Object.entries(all).map(([name, times]) => [name, median(times)]));
}

function median(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
// ANCHOR_END: all
