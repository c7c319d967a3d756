// ANCHOR: all
/**
  * Returns the class `Counter` for an instance of the module. `free` may be called twice. A counter that was freed or
 * merged into another one throws an Error if it is used, and so does merging a counter into itself.
 */
export function classOf(wasm) {
  return class Counter {
    #ptr = wasm.counter_new();

    add(count) {
      return wasm.counter_add(this.#ptr, count) >>> 0;
    }

    merge(other) {
      return wasm.counter_merge(this.#ptr, other.#ptr) >>> 0;
    }

    free() {
      wasm.counter_free(this.#ptr);
    }
  };
}
// ANCHOR_END: all
