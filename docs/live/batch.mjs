// Signing by the raw exports, as the worker of `lanes` needs it: any module that holds a key and takes batches.

/** The status with which a module says that it has signed a known answer wrongly, and will not work here. */
export const SELF_TEST_FAILED = 8;

/**
 * The exports that are called here; hosts/README.md says what each does.
 *
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {() => number} get_signing_key_ptr
 * @property {() => number} get_signature_ptr
 * @property {() => number} load_key
 * @property {(length: number) => number} allocate_message
 * @property {() => number} sign_loaded
 * @property {(count: number, total: number) => number} allocate_batch
 * @property {() => number} sign_batch
 * @property {() => number} get_batch_signatures_ptr
 */

/**
 * @param {Exports} exports
 * @param {Uint8Array} keypair
 * @returns {number} the status
 */
export function loadKey(exports, keypair) {
  new Uint8Array(exports.memory.buffer).set(keypair, exports.get_signing_key_ptr() >>> 0);
  return exports.load_key();
}

/**
 * @param {Exports} exports
 * @param {Uint8Array[]} messages at most 4096
 * @returns {Uint8Array} 64 bytes for each; a batch of one is signed as a single message
 * @throws {Error} with the status
 */
export function signAll(exports, messages) {
  return messages.length === 1 ? signOne(exports, messages[0]) : signBatch(exports, messages);
}

/**
 * @param {Exports} exports
 * @param {Uint8Array} message
 */
function signOne(exports, message) {
  const place = exports.allocate_message(message.length) >>> 0;
  if (place === 0) throw new Error(`allocate_message(${message.length}) gave no room`);
  new Uint8Array(exports.memory.buffer).set(message, place);
  expectOk(exports.sign_loaded(), 'sign_loaded');
  return new Uint8Array(exports.memory.buffer, exports.get_signature_ptr() >>> 0, 64).slice();
}

/**
 * @param {Exports} exports
 * @param {Uint8Array[]} messages
 */
function signBatch(exports, messages) {
  const total = messages.reduce((sum, { length }) => sum + length, 0);
  const place = exports.allocate_batch(messages.length, total) >>> 0;
  if (place === 0) throw new Error(`allocate_batch(${messages.length}, ${total}) gave no room`);
  const { buffer } = exports.memory;
  const lengths = new DataView(buffer, place, 4 * messages.length);
  let at = place + 4 * messages.length;
  for (const [n, message] of messages.entries()) {
    lengths.setUint32(4 * n, message.length, true);
    new Uint8Array(buffer).set(message, at);
    at += message.length;
  }
  expectOk(exports.sign_batch(), 'sign_batch');
  // Made anew: signing may have grown the memory.
  return new Uint8Array(exports.memory.buffer, exports.get_batch_signatures_ptr() >>> 0, 64 * messages.length).slice();
}

/**
 * @param {number} status
 * @param {string} name
 */
function expectOk(status, name) {
  if (status !== 0) throw new Error(`${name}() gave status ${status}`);
}
