#include "binding.h"

#include <string.h>

#include "abi.h"
#include "files.h"

static const char *const SIGNER_FUNCTIONS =
    "open open_private_key close public_key sign sign_token sign_many sign_with "
    "verify verify_strict derive_public_key load_key wipe trap_text set_batch_modules batch_module";
static const char *const ADDER_FUNCTIONS = "open close add divide trap_text";
static const char *const KEYS_FUNCTIONS =
    "open close read_private_key read_public_key write_private_key write_public_key trap_text";

struct binding_names binding_names_of(const struct module *module) {
    static const struct binding_names names[] = {
        [MODULE_OF_NO_WRAPPER] = {"module", "module", {NULL}},
        [MODULE_SIGNER] = {"signer_raw", "signer-raw", {"signer.c", "token.c", "verify_module.c"}},
        [MODULE_VERIFIER] = {"signer_raw", "signer-raw", {"verify_module.c"}},
        [MODULE_ADDER] = {"add_raw", "add-raw", {"adder.c"}},
        [MODULE_KEYS] = {"keys", "keys-module", {"keys.c"}},
    };
    return names[abi_kind(module)];
}

/* For each letter, the member of library_value, and the type in C. */
static const char LETTERS[] = "ijfdre";
static const char *const MEMBERS[] = {"i32", "i64", "f32", "f64", "funcref", "externref"};
static const char *const TYPES[] = {"u32", "u64", "f32", "f64", "wasm_rt_funcref_t", "wasm_rt_externref_t"};

/* wasm2c 1.0.32 does not know v128, the letter that is missing. */
static const char *name_of(const char *const *names, char letter) {
    const char *found = strchr(LETTERS, letter);
    return found == NULL ? "v128" : names[found - LETTERS];
}

static const char *member(char letter) { return name_of(MEMBERS, letter); }

/* Nothing here is a text of the module: its function is called by the name that module_copy gave it. */
static void write_call(FILE *file, const char *module, size_t place, const struct module_function *function) {
    fprintf(file,
            "static void call%zu(void *instance, const union library_value *params, union library_value *results)\n"
            "{\n    (void)params;\n    (void)results;\n    ",
            place);
    size_t result_count = strlen(function->results);
    if (result_count == 1) {
        fprintf(file, "results[0].%s = ", member(function->results[0]));
    } else if (result_count > 1) {
        fprintf(file, "struct wasm_multi_%s all = ", function->results);
    }
    fprintf(file, "Z_%sZ_export%zu(instance", module, place);
    for (size_t at = 0; function->params[at] != 0; at++) {
        fprintf(file, ", params[%zu].%s", at, member(function->params[at]));
    }
    fputs(");\n", file);
    for (size_t at = 0; result_count > 1 && at < result_count; at++) {
        char type = function->results[at];
        fprintf(file, "    results[%zu].%s = all.%c%zu;\n", at, member(type), type, at);
    }
    fputs("}\n\n", file);
}

static void write_calls(FILE *file, const struct module *module, const char *name) {
    for (size_t at = 0; at < module->function_count; at++) { write_call(file, name, at, &module->functions[at]); }
    fputs("static library_call *const calls[] = {\n", file);
    for (size_t at = 0; at < module->function_count; at++) { fprintf(file, "    call%zu,\n", at); }
    fputs("    0,\n};\n\n", file);
}

static void write_globals(FILE *file, const struct module *module, const char *name) {
    for (size_t at = 0; at < module->global_count; at++) {
        fprintf(file, "static void *global%zu(void *instance)\n{\n    return Z_%sZ_global%zu(instance);\n}\n\n", at,
                name, at);
    }
    fputs("static const struct library_global globals[] = {\n", file);
    for (size_t at = 0; at < module->global_count; at++) {
        fprintf(file, "    {global%zu, LIBRARY_TYPE(Z_%sZ_global%zu(0))},\n", at, name, at);
    }
    fputs("    {0, 0},\n};\n\n", file);
}

/* The instance that is given with a call is not looked at: where a call is indirect, wasm2c 1.0.32 gives another. */
static void write_imported_function(FILE *file, size_t place, const struct extern_type *type) {
    size_t param_count = strlen(type->params), result_count = strlen(type->results);
    const char *multi = result_count > 1 ? format("struct wasm_multi_%s", type->results) : NULL;
    fprintf(file, "%s Z_hostZ_import%zu(struct Z_host_instance_t *host",
            multi != NULL       ? multi
            : result_count == 1 ? name_of(TYPES, type->results[0])
                                : "void",
            place);
    for (size_t at = 0; at < param_count; at++) { fprintf(file, ", %s p%zu", name_of(TYPES, type->params[at]), at); }
    fprintf(file, ")\n{\n    (void)host;\n    union library_value values[%zu];\n",
            1 + (param_count > result_count ? param_count : result_count));
    for (size_t at = 0; at < param_count; at++) {
        fprintf(file, "    values[%zu].%s = p%zu;\n", at, member(type->params[at]), at);
    }
    fprintf(file, "    host_call(%zu, values);\n", place);
    if (multi != NULL) {
        fprintf(file, "    return (%s){", multi);
        for (size_t at = 0; at < result_count; at++) {
            fprintf(file, "values[%zu].%s, ", at, member(type->results[at]));
        }
        fputs("};\n", file);
    } else if (result_count == 1) {
        fprintf(file, "    return values[0].%s;\n", member(type->results[0]));
    }
    fputs("}\n\n", file);
}

static void write_imports(FILE *file, const struct module *module) {
    for (size_t at = 0; at < module->import_count; at++) {
        const struct extern_type *type = &module->imports[at].type;
        if (type->kind == KIND_FUNCTION) {
            write_imported_function(file, at, type);
            continue;
        }
        const char *in_c = type->kind == KIND_MEMORY   ? "wasm_rt_memory_t"
                           : type->kind == KIND_GLOBAL ? name_of(TYPES, type->results[0])
                           : type->results[0] == 'r'   ? "wasm_rt_funcref_table_t"
                                                       : "wasm_rt_externref_table_t";
        fprintf(file,
                "%s *Z_hostZ_import%zu(struct Z_host_instance_t *host)\n{\n    (void)host;\n"
                "    return host_given(%zu);\n}\n\n",
                in_c, at, at);
    }
}

/* A table of the wrapper's functions: static const struct library_signer signer = {.open = signer_open, … }; */
static void write_wrapper(FILE *file, const char *wrapper, const char *functions) {
    fprintf(file, "static const struct library_%s %s = {\n", wrapper, wrapper);
    while (*functions != 0) {
        int len = (int)strcspn(functions, " ");
        fprintf(file, "    .%.*s = %s_%.*s,\n", len, functions, wrapper, len, functions);
        functions += len;
        functions += strspn(functions, " ");
    }
    fputs("};\n\n", file);
}

void binding_write(FILE *file, const struct module *module) {
    struct binding_names names = binding_names_of(module);
    enum module_kind kind = abi_kind(module);
    fprintf(file, "#include \"library.h\"\n\n#include \"%s.h\"\n\n", names.file);
    write_calls(file, module, names.module);
    write_globals(file, module, names.module);
    write_imports(file, module);
    if (kind == MODULE_SIGNER) {
        write_wrapper(file, "signer", SIGNER_FUNCTIONS);
    } else if (kind == MODULE_ADDER) {
        write_wrapper(file, "adder", ADDER_FUNCTIONS);
    } else if (kind == MODULE_KEYS) {
        write_wrapper(file, "keys", KEYS_FUNCTIONS);
    }
    fprintf(file,
            "static void init(void)\n{\n    wasm_rt_init();\n    Z_%s_init_module();\n}\n\n"
            "static void instantiate(void *instance)\n{\n    Z_%s_instantiate(instance%s);\n}\n\n"
            "static void free_instance(void *instance)\n{\n    Z_%s_free(instance);\n}\n\n",
            names.module, names.module, module->import_count > 0 ? ", 0" : "", names.module);
    if (module->has_memory) {
        fprintf(file, "static wasm_rt_memory_t *memory(void *instance)\n{\n    return Z_%sZ_memory(instance);\n}\n\n",
                names.module);
    }
    fprintf(file,
            "const struct library library = {\n    .init = init,\n    .instance_size = sizeof(Z_%s_instance_t),\n"
            "    .instantiate = instantiate,\n    .free = free_instance,\n    .memory = %s,\n    .calls = calls,\n"
            "    .globals = globals,\n%s};\n",
            names.module, module->has_memory ? "memory" : "0",
            kind == MODULE_SIGNER     ? "    .signer = &signer,\n    .verifier = &verifier_module,\n"
            : kind == MODULE_VERIFIER ? "    .verifier = &verifier_module,\n"
            : kind == MODULE_ADDER    ? "    .adder = &adder,\n"
            : kind == MODULE_KEYS     ? "    .keys = &keys,\n"
                                      : "");
}
