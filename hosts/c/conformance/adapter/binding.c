#include "binding.h"

#include <string.h>

#include "abi.h"

static const char *const SIGNER_FUNCTIONS = "open close public_key sign sign_many sign_with verify verify_strict "
                                            "derive_public_key load_key wipe trap_text set_batch_modules batch_module";
static const char *const ADDER_FUNCTIONS = "open close add divide trap_text";

struct binding_names binding_names_of(const struct module *module) {
    enum module_kind kind = abi_kind(module);
    if (kind == MODULE_SIGNER) { return (struct binding_names){"signer_raw", "signer-raw", "signer.c"}; }
    if (kind == MODULE_ADDER) { return (struct binding_names){"add_raw", "add-raw", "adder.c"}; }
    return (struct binding_names){"module", "module", NULL};
}

/* The member of library_value for a letter. */
static const char *member(char type) { return type == 'i' ? "i32" : type == 'j' ? "i64" : type == 'f' ? "f32" : "f64"; }

static int is_callable(const struct module_function *function) {
    return strchr(function->params, '?') == NULL && strchr(function->results, '?') == NULL;
}

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
    for (size_t at = 0; at < module->function_count; at++) {
        if (is_callable(&module->functions[at])) { write_call(file, name, at, &module->functions[at]); }
    }
    fputs("static library_call *const calls[] = {\n", file);
    for (size_t at = 0; at < module->function_count; at++) {
        fprintf(file, is_callable(&module->functions[at]) ? "    call%zu,\n" : "    0,\n", at);
    }
    fputs("    0,\n};\n\n", file);
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
    if (kind == MODULE_SIGNER) {
        write_wrapper(file, "signer", SIGNER_FUNCTIONS);
    } else if (kind == MODULE_ADDER) {
        write_wrapper(file, "adder", ADDER_FUNCTIONS);
    }
    fprintf(file,
            "static void init(void)\n{\n    wasm_rt_init();\n    Z_%s_init_module();\n}\n\n"
            "static void instantiate(void *instance)\n{\n    Z_%s_instantiate(instance);\n}\n\n"
            "static void free_instance(void *instance)\n{\n    Z_%s_free(instance);\n}\n\n",
            names.module, names.module, names.module);
    if (module->has_memory) {
        fprintf(file, "static wasm_rt_memory_t *memory(void *instance)\n{\n    return Z_%sZ_memory(instance);\n}\n\n",
                names.module);
    }
    fprintf(file,
            "const struct library library = {\n    .init = init,\n    .instance_size = sizeof(Z_%s_instance_t),\n"
            "    .instantiate = instantiate,\n    .free = free_instance,\n    .memory = %s,\n    .calls = calls,\n"
            "%s};\n",
            names.module, module->has_memory ? "memory" : "0",
            kind == MODULE_SIGNER  ? "    .signer = &signer,\n"
            : kind == MODULE_ADDER ? "    .adder = &adder,\n"
                                   : "");
}
