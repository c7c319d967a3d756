// ANCHOR: shown
const size = 65536; // one page
const inMemory = (start, length) => start + length <= size;
console.log(inMemory(65535, 1), inMemory(65536, 0), inMemory(65535, 2));
// ANCHOR_END: shown
