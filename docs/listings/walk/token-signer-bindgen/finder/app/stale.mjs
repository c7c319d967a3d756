// ANCHOR: all
// Loads the module of this release with the glue of the last one.
import { readFileSync } from 'node:fs';
import init from '../pkg-before/finder.js';

const bytes = readFileSync('../pkg/finder_bg.wasm');
await init({ module_or_path: bytes }).catch(error => console.log(String(error)));
// ANCHOR_END: all
