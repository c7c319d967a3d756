// ANCHOR: all
// The glue of the last release with the module of this one.
import { readFileSync } from 'node:fs';
import init from '../pkg-before/finder.js';

await init({ module_or_path: readFileSync('../pkg/finder_bg.wasm') }).catch(error => console.log(String(error)));
// ANCHOR_END: all
