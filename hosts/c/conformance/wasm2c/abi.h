/* The functions of a module that the wrappers call: signer.c, verify_module.c, adder.c and keys.c. */
#ifndef ABI_H
#define ABI_H

#include "module.h"

/** A function that a wrapper calls by its name in C. The types have a letter a value, as in library.h. */
struct abi_function {
    const char *name, *params, *results;
    /** Whether there can be no wrapper without it. */
    bool is_needed;
};

/** Which wrapper can use a module. */
enum module_kind { MODULE_OF_NO_WRAPPER, MODULE_SIGNER, MODULE_VERIFIER, MODULE_ADDER, MODULE_KEYS };

/** The functions of a wrapper; the last one's name is NULL. */
const struct abi_function *abi_functions(enum module_kind kind);

/** The wrapper that can use a module: it has all that is needed, with the right types, and no imports. */
enum module_kind abi_kind(const struct module *module);

/** The export that a wrapper calls; NULL if the module has none, or one of another type. */
const struct module_function *abi_find(const struct module *module, const struct abi_function *wanted);

#endif
