// ANCHOR: all
/**
  * Returns the class `Counter` for an instance of the module. `free` may be called twice. A counter that was freed or
 * merged into another one throws an Error if it is used, and so does merging a counter into itself.
 */
export function classOf(wasm) {
  return class Counter {
    #ptr = wasm.counter_new();

    get #alive() {
      if (this.#ptr === 0) throw new Error('the counter was freed or merged');
      return this.#ptr;
    }

    /** Takes the pointer out of the object. The caller must free it. */
    #take() {
      const ptr = this.#alive;
      this.#ptr = 0;
      return ptr;
    }

    add(count) {
      return wasm.counter_add(this.#alive, count) >>> 0;
    }

    merge(other) {
      if (other === this) throw new Error('a counter cannot be merged into itself');
      return wasm.counter_merge(this.#alive, other.#take()) >>> 0;
    }

    free() {
      if (this.#ptr !== 0) wasm.counter_free(this.#take());
    }
  };
}
// ANCHOR_END: all
