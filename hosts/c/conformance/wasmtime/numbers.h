/* Numbers and their types, between the protocol and wasmtime's C API. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <wasmtime.h>

#include "values.h"

/** The value, with its letter; ? if it is no number. Floats pass as bits, so that no NaN is changed. */
struct typed_value number_from(const wasmtime_val_t *value);
wasmtime_val_t number_of(struct typed_value value);

/** The letters of types; one that is not of a number is o (v128) or r (a reference of any kind). */
const char *letters_of(const wasm_valtype_vec_t *types);

/** The type of a letter of a number, or r for a funcref; the caller owns it. */
wasm_valtype_t *type_of(char letter);

#endif
