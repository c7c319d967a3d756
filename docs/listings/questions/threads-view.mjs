// ANCHOR: shown
const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
const view = new Uint8Array(memory.buffer);
memory.grow(1); // another thread may do this at any time
console.log(view.length, memory.buffer.byteLength);
// ANCHOR_END: shown
