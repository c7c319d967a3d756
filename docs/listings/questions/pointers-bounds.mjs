// ANCHOR: shown
const size = 2 ** 32;
const pointer = 0x8000_0000 | 0; // what an export with an i32 result gives
console.log(pointer + 16 <= size, (pointer >>> 0) + 16);
// ANCHOR_END: shown
