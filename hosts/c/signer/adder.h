/*
 * 32-bit arithmetic by the Wasm module add-raw, which wasm2c made C of: a C function, linked into Rust, compiled to
 * Wasm, and made C again.
 *
 * Every function returns SIGNER_OK or what went wrong (the codes are the signer's); then nothing is written to *value.
 * An adder is for one call at a time: one from another thread meanwhile is answered with SIGNER_IN_USE.
 */
#ifndef ADDER_H
#define ADDER_H

#include <stdint.h>

#include "codes.h"

/** An adder. Made by adder_open, freed by adder_close. */
struct adder;

/** Makes an adder, which is yours to close; after an error *adder is NULL. Errors: OUT_OF_MEMORY, TRAPPED. */
enum signer_code adder_open(struct adder **adder);

/** Frees the adder and sets *adder to NULL. Closing again does nothing. Errors: IN_USE, and nothing is closed then. */
enum signer_code adder_close(struct adder **adder);

/** a + b, modulo 2^32. Errors: TRAPPED, CLOSED, IN_USE. */
enum signer_code adder_add(struct adder *adder, int32_t a, int32_t b, int32_t *value);

/**
 * a / b, truncated towards zero. TRAPPED where b is 0, and for -2147483648 by -1; the adder can be used on after that.
 *
 * Errors: TRAPPED, CLOSED, IN_USE.
 */
enum signer_code adder_divide(struct adder *adder, int32_t a, int32_t b, int32_t *value);

/** Why this thread's last SIGNER_TRAPPED of an adder was, in English; for people to read. Never NULL. */
const char *adder_trap_text(void);

#endif
