#include "abi.h"

#include <string.h>

static const struct abi_function SIGNER[] = {
    {"abi_version", "", "i", true},
    {"max_message_len", "", "i", true},
    {"get_signing_key_ptr", "", "i", true},
    {"get_signature_ptr", "", "i", true},
    {"get_public_key_ptr", "", "i", true},
    {"allocate_message", "i", "i", true},
    {"sign", "", "", true},
    {"sign_loaded", "", "i", true},
    {"derive_public_key", "", "i", true},
    {"load_key", "", "i", true},
    {"wipe", "", "", true},
    {"verify", "", "i", false},
    {"verify_strict", "", "i", false},
    {"allocate_batch", "ii", "i", false},
    {"sign_batch", "", "i", false},
    {"get_batch_signatures_ptr", "", "i", false},
    {NULL, NULL, NULL, false},
};

static const struct abi_function VERIFIER[] = {
    {"verifier_abi_version", "", "i", true},
    {"max_message_len", "", "i", true},
    {"get_public_key_ptr", "", "i", true},
    {"hold_key", "", "i", true},
    {"allocate_verify_batch", "ii", "i", true},
    {"verify_batch", "", "i", true},
    {"verify_batch_strict", "", "i", true},
    {"get_verdicts_ptr", "", "i", true},
    {NULL, NULL, NULL, false},
};

static const struct abi_function KEYS[] = {
    {"keys_abi_version", "", "i", true},
    {"max_file_len", "", "i", true},
    {"get_file_ptr", "", "i", true},
    {"file_len", "", "i", true},
    {"get_seed_ptr", "", "i", true},
    {"get_public_key_ptr", "", "i", true},
    {"has_public_key", "", "i", true},
    {"read_private_key", "i", "i", true},
    {"read_public_key", "i", "i", true},
    {"write_private_key", "ii", "i", true},
    {"write_public_key", "i", "i", true},
    {"wipe", "", "", true},
    {NULL, NULL, NULL, false},
};

static const struct abi_function ADDER[] = {
    {"add_numbers", "ii", "i", true}, {"divide_numbers", "ii", "i", true}, {NULL, NULL, NULL, false}};

const struct abi_function *abi_functions(enum module_kind kind) {
    static const struct abi_function none[] = {{NULL, NULL, NULL, false}};
    static const struct abi_function *const all[] = {[MODULE_OF_NO_WRAPPER] = none,
                                                     [MODULE_SIGNER] = SIGNER,
                                                     [MODULE_VERIFIER] = VERIFIER,
                                                     [MODULE_ADDER] = ADDER,
                                                     [MODULE_KEYS] = KEYS};
    return all[kind];
}

const struct module_function *abi_find(const struct module *module, const struct abi_function *wanted) {
    const struct module_function *found = module_function(module, wanted->name, strlen(wanted->name));
    return found != NULL && strcmp(found->params, wanted->params) == 0 && strcmp(found->results, wanted->results) == 0
               ? found
               : NULL;
}

static bool has_all(const struct module *module, enum module_kind kind) {
    for (const struct abi_function *function = abi_functions(kind); function->name != NULL; function++) {
        if (function->is_needed && abi_find(module, function) == NULL) { return false; }
    }
    return true;
}

enum module_kind abi_kind(const struct module *module) {
    return module->import_count > 0                                      ? MODULE_OF_NO_WRAPPER
           : module->memory_is_named && has_all(module, MODULE_SIGNER)   ? MODULE_SIGNER
           : module->memory_is_named && has_all(module, MODULE_VERIFIER) ? MODULE_VERIFIER
           : module->memory_is_named && has_all(module, MODULE_KEYS)     ? MODULE_KEYS
           : has_all(module, MODULE_ADDER)                               ? MODULE_ADDER
                                                                         : MODULE_OF_NO_WRAPPER;
}
