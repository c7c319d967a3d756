// ANCHOR: all
import { readFileSync } from 'node:fs';

const STATUS = { '-1': 'the string is not UTF-8', '-2': 'there is no such counter' };
const SUMMARY_SIZE = 24;

/** The functions of the module, with JavaScript's types. */
export async function load(file) {
  const { instance } = await WebAssembly.instantiate(readFileSync(file));
  const wasm = instance.exports;
  const version = wasm.abi_version();
  if (Math.trunc(version / 100) !== 1)
    throw new Error(`${file} has version ${version} of the ABI, not 1xx`);

  const view = () => new DataView(wasm.memory.buffer);
  const check = status => {
    if (status < 0) throw new Error(STATUS[status] ?? `status ${status}`);
    return status;
  };

  /** Calls `work` with the address of some bytes, and frees them whatever happens. */
  function withRoom(length, work) {
    const ptr = wasm.alloc(length) >>> 0;
    try {
      return work(ptr);
    } finally {
      wasm.free(ptr, length);
    }
  }

  /** Calls `work` with the address and the length of a string. Bytes stay as they are. */
  function withText(text, work) {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    return withRoom(bytes.length, ptr => {
      new Uint8Array(wasm.memory.buffer, ptr, bytes.length).set(bytes);
      return work(ptr, bytes.length);
    });
  }

  /** A copy of the string that a Slice at `at` describes. */
  function textAt(at) {
    const [ptr, length] = [view().getUint32(at, true), view().getUint32(at + 4, true)];
    const bytes = new Uint8Array(wasm.memory.buffer, ptr, length);
    return { ptr, length, text: new TextDecoder().decode(bytes) };
  }

  return {
    wasm,
    summarize(text) {
      return withText(text, (ptr, length) =>
        withRoom(SUMMARY_SIZE, result => {
          check(wasm.summarize(ptr, length, result, SUMMARY_SIZE));
          return {
            words: view().getUint32(result, true),
            longest: textAt(result + 4).text,
            mean: view().getFloat64(result + 16, true),
          };
        }),
      );
    },
    shout(text) {
      return withText(text, (ptr, length) =>
        withRoom(8, result => {
          check(wasm.shout(ptr, length, result));
          const loud = textAt(result);
          wasm.free(loud.ptr, loud.length);
          return loud.text;
        }),
      );
    },
    counter() {
      const number = wasm.counter_new();
      return {
        number,
        add: word =>
          withText(word, (ptr, length) => check(wasm.counter_add(number, ptr, length))),
        free: () => check(wasm.counter_free(number)),
      };
    },
  };
}
// ANCHOR_END: all
