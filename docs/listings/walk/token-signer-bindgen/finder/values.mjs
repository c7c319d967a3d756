// ANCHOR: all
import { readFileSync } from 'node:fs';
import init, { characters, half, next, sum, twice, type_of } from './pkg/finder.js';

await init({ module_or_path: readFileSync('pkg/finder_bg.wasm') });

/** Prints a call, and its result or its error. */
function show(call) {
  let result;
  try {
    result = call();
  } catch (error) {
    result = error;
  }
  console.log(
    String(call).replace('() => ', ''),
    '→',
    result instanceof Error ? String(result) : result,
  );
}

show(() => twice(21));
show(() => twice('21'));
show(() => twice(2.9));
show(() => twice(-1));
show(() => twice('many'));
show(() => next(41n));
show(() => next(2n ** 64n));
show(() => next(41));
show(() => half(3));
show(() => half(undefined));
show(() => sum(Float64Array.of(0.5, 1.5)));
show(() => sum([0.5, '1.5']));
show(() => characters('på 🔑'));
show(() => characters('a\ud83d'));
show(() => characters(5));
show(() => type_of([1, 2]));
// ANCHOR_END: all
