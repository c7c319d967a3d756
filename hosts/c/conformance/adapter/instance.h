/*
 * The instance that an operation works on, whatever runs it: wasm2c/instance.c and wasmtime/instance.c. One at a time.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"
#include "values.h"

/** How a call ended: it returned, or it trapped, was cut off, or ended the program (by WASI's proc_exit). */
enum end_kind { END_RETURNED, END_TRAPPED, END_CUT_OFF, END_EXITED };

struct end {
    enum end_kind kind;
    /** Why, in the host's own words, if it did not return. */
    const char *text;
    /** What a program that ended itself gave. */
    uint32_t exit_code;
};

struct limits {
    /** memory.grow beyond these answers -1; UINT32_MAX is no limit. */
    uint32_t max_pages;
    /** For each call, and for the start function; 0 is no limit. */
    unsigned deadline_ms;
};

/**
 * Makes the instance, with what imports.h has for it. Returns NULL, or why there can be none.
 *
 * Whatever comes of it, and of the host's functions that a start function calls: instance_end gives all of it back.
 */
const char *instance_make(const struct library *library, struct limits limits);
void instance_end(void);

/** An exported function: the letters of its types (types.h; any other letter is a type that has none), and what it is
 * to the host. */
struct function {
    const char *params, *results;
    const void *is;
};

/** Finds an export by its name; false if no function, or no global, has it. Before the start function has run there are
 * none. The value's type is ? if it is no number. */
bool instance_function(const char *name, size_t name_len, struct function *found);
bool instance_global(const char *name, size_t name_len, struct typed_value *value);

/** Calls a function that takes and returns only numbers, with params of its types. */
struct end instance_call(const struct function *function, const struct typed_value *params,
                         struct typed_value *results);

/** Linear memory, now: any call may move it. Without one there are no bytes. */
struct memory {
    unsigned char *bytes;
    uint64_t len;
};

struct memory instance_memory(void);

/** Lets linear memory grow; false if it can't, or there is none. */
bool instance_grow(uint64_t pages, uint64_t *before);

#endif
