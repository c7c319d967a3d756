/* Types of Wasm: of values, and of what a module imports. */
#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stdint.h>

/** What can be imported and exported, as modules number it. */
enum { KIND_FUNCTION, KIND_TABLE, KIND_MEMORY, KIND_GLOBAL, KIND_TAG, KIND_COUNT };

#define NO_MAX UINT64_MAX

/**
 * The type of an import. What its kind does not have is "", false or 0.
 *
 * Values have a letter each, as wasm2c has them: i (i32), j (i64), f (f32), d (f64), o (v128), r (funcref), e
 * (externref).
 */
struct extern_type {
    unsigned char kind;
    /** A function's values; for a table or a global, `results` is what it holds. */
    const char *params, *results;
    bool is_mutable;
    /** Of a memory, in pages, or a table. */
    uint64_t min, max;
};

#endif
