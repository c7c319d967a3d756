/*
 * What the adapter finds in the shared library that it makes of a module: its exported functions, and the wrappers,
 * compiled for that very module. The library defines one symbol, `library`. The names of the exports are not in it: no
 * text of a module may reach a compiler. The adapter reads them from the module itself.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "adder.h"
#include "keys.h"
#include "module.h"
#include "signer_functions.h"
#include "verifier.h"
#include "wasm-rt.h"

/** A value of Wasm: the bits of a number, or a reference. */
union library_value {
    uint32_t i32;
    uint64_t i64;
    float f32;
    double f64;
    wasm_rt_funcref_t funcref;
    wasm_rt_externref_t externref;
};

/**
 * What the library looks for in the adapter if the module has imports, by their numbers. The first is a call of a
 * function, whose arguments are in `values` and whose results take their place; the other a memory, a table, or the
 * value of a global.
 */
void host_call(size_t import, union library_value *values);
void *host_given(size_t import);

/** An exported global: its value in an instance, and the letter of its type; ? if it is no number. */
struct library_global {
    void *(*value)(void *instance);
    char type;
};

#define LIBRARY_TYPE(pointer)                                                                                          \
    _Generic((pointer), uint32_t * : 'i', uint64_t * : 'j', float * : 'f', double * : 'd', default : '?')

/** The functions of adder.h. */
struct library_adder {
    enum signer_code (*open)(struct adder **);
    enum signer_code (*close)(struct adder **);
    enum signer_code (*add)(struct adder *, int32_t, int32_t, int32_t *);
    enum signer_code (*divide)(struct adder *, int32_t, int32_t, int32_t *);
    const char *(*trap_text)(void);
};

/** The functions of keys.h. */
struct library_keys {
    enum signer_code (*open)(struct keys **);
    enum signer_code (*close)(struct keys **);
    enum signer_code (*read_private_key)(struct keys *, const void *, size_t, struct private_key *);
    enum signer_code (*read_public_key)(struct keys *, const void *, size_t, unsigned char *);
    enum signer_code (*write_private_key)(struct keys *, const struct private_key *, enum keys_form, char *, size_t *);
    enum signer_code (*write_public_key)(struct keys *, const unsigned char *, enum keys_form, char *, size_t *);
    const char *(*trap_text)(void);
};

struct library {
    /** Called once, before the first instance. */
    void (*init)(void);
    size_t instance_size;
    /** Make an instance of zeroed bytes, inside guest_run, and give back what it has, whether or not that came to its
     * end. */
    void (*instantiate)(void *instance);
    void (*free)(void *instance);
    /** NULL where the module exports no memory. */
    wasm_rt_memory_t *(*memory)(void *instance);
    /** One for each of the `functions` of module.h, and for each of the `globals`. */
    library_call *const *calls;
    const struct library_global *globals;
    /** NULL where the module is no signer, no adder, or does not read keys. */
    const struct library_signer *signer;
    const struct library_adder *adder;
    const struct library_keys *keys;
    /** NULL where the module is neither a signer nor made to verify batches. A signer may lack what it takes. */
    const struct verifier_module *verifier;
    /** The adapter fills these in: the module, and what dlopen gave. */
    const struct module *module;
    void *handle;
};

#endif
