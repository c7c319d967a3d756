// ANCHOR: all
import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync('target/wasm32-unknown-unknown/release/guest.wasm'));

/** Issues one ticket with what the host provides. */
function issue({ random, now }) {
  const bytes = (pointer, length) => new Uint8Array(exports.memory.buffer, pointer >>> 0, length);
  const { exports } = new WebAssembly.Instance(module, {
    host: {
      random: (to, length) => void random(bytes(to, length)),
      now: () => BigInt(now()),
      print: (text, length) => console.log(new TextDecoder().decode(bytes(text, length))),
    },
  });
  exports.issue();
}

const real = { random: (bytes) => crypto.getRandomValues(bytes), now: Date.now };
issue(real);
issue(real);
// For a test: the same each time.
issue({ random: (bytes) => bytes.fill(7), now: () => 12 });
// ANCHOR_END: all
