import { load } from './build.mjs';

// ANCHOR: shown
const { size } = load('wasi-size.rs').exports; // compiled for wasm32-unknown-unknown
console.log(size());
// ANCHOR_END: shown
