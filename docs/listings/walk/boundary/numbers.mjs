// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('numbers.wasm'));
const { add, same_i64, same_f32, same_f64 } = instance.exports;

console.log('add(2, 3)            =', add(2, 3));
console.log('add(2147483647, 1)   =', add(2147483647, 1));
console.log('add(4294967295, 0)   =', add(4294967295, 0));
console.log('add(2.9, 0)          =', add(2.9, 0));
console.log("add('hello', 0)      =", add('hello', 0));
console.log('add([1, 2, 3], 0)    =', add([1, 2, 3], 0));
console.log('same_i64(2n ** 63n)  =', same_i64(2n ** 63n));
console.log('same_f32(0.1)        =', same_f32(0.1));
console.log('same_f64(0.1)        =', same_f64(0.1));
try {
  same_i64(1);
} catch (error) {
  console.log('same_i64(1)          throws', error.name);
}
// ANCHOR_END: all
