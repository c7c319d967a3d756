// ANCHOR: all
// For Node, whose `fetch` reads no files.
import { readFile } from 'node:fs/promises';
import init from './pkg/finder.js';

export * from './pkg/finder.js';
export default async () => init({ module_or_path: await readFile(new URL('pkg/finder_bg.wasm', import.meta.url)) });
// ANCHOR_END: all
