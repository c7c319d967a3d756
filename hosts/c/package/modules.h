/*
 * The modules as bytes, for an engine of your own, or for a wasm2c that has SIMD. The library does not need them, and a
 * program has only those that it names: with the functions of signer.h come signer-raw and keys, compiled.
 */
#ifndef MODULES_H
#define MODULES_H

#include <stddef.h>

/** The bytes of a .wasm file. */
struct modules_wasm {
    const char *name;
    const unsigned char *bytes;
    size_t len;
};

enum { MODULES_SIGNER_BATCHES = 2, MODULES_VERIFIER = 3 };

/** signer-raw, the portable one. */
extern const struct modules_wasm modules_signer;

/** In order of preference: signer-lanes-relaxed, signer-lanes. */
extern const struct modules_wasm *const modules_signer_batches[MODULES_SIGNER_BATCHES];

/** In order of preference: verifier-lanes-relaxed, verifier-lanes, signer-raw. */
extern const struct modules_wasm *const modules_verifier[MODULES_VERIFIER];

/** keys, which reads and writes key files. */
extern const struct modules_wasm modules_keys;

#endif
