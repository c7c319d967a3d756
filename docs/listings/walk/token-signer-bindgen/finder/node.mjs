// ANCHOR: all
// For Node, whose `fetch` can't read files.
import { readFile } from 'node:fs/promises';
import init from './pkg/finder.js';

export * from './pkg/finder.js';
const module = new URL('pkg/finder_bg.wasm', import.meta.url);
export default async () => init({ module_or_path: await readFile(module) });
// ANCHOR_END: all
