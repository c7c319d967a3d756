#include "binding.h"

#include <ctype.h>
#include <string.h>

static const char *const SIGNER_FUNCTIONS = "open close public_key sign sign_many sign_with verify verify_strict "
                                            "derive_public_key load_key wipe trap_text set_batch_modules batch_module";
static const char *const ADDER_FUNCTIONS = "open close add divide trap_text";

struct binding_names binding_names_of(const struct module *module)
{
    if (module_is_signer(module)) {
        return (struct binding_names){"signer_raw", "signer-raw", "signer.c"};
    }
    if (module_is_adder(module)) {
        return (struct binding_names){"add_raw", "add-raw", "adder.c"};
    }
    return (struct binding_names){"module", "module", NULL};
}

/* What wasm2c makes of an export's name: what is no letter, digit or _ becomes Z and two hex digits, and so does Z. */
static void write_symbol(FILE *file, const char *module, const char *name)
{
    fprintf(file, "Z_%sZ_", module);
    for (; *name != 0; name++) {
        unsigned char byte = (unsigned char)*name;
        if (byte < 128 && byte != 'Z' && (isalnum(byte) || byte == '_')) {
            fputc(byte, file);
        } else {
            fprintf(file, "Z%02X", byte);
        }
    }
}

static void write_string(FILE *file, const char *string)
{
    fputc('"', file);
    for (; *string != 0; string++) {
        fprintf(file, "\\%03o", (unsigned)(unsigned char)*string);
    }
    fputc('"', file);
}

/* The member of library_value for a letter. */
static const char *member(char type)
{
    return type == 'i' ? "i32" : type == 'j' ? "i64" : type == 'f' ? "f32" : "f64";
}

static int is_callable(const struct module_function *function)
{
    return strchr(function->params, '?') == NULL && strchr(function->results, '?') == NULL;
}

static void write_call(FILE *file, const char *module, size_t index, const struct module_function *function)
{
    fprintf(file,
            "static void call_%zu(void *instance, const union library_value *params, union library_value *results)\n"
            "{\n    (void)params;\n    (void)results;\n    ",
            index);
    size_t result_count = strlen(function->results);
    if (result_count == 1) {
        fprintf(file, "results[0].%s = ", member(function->results[0]));
    } else if (result_count > 1) {
        fprintf(file, "struct wasm_multi_%s all = ", function->results);
    }
    write_symbol(file, module, function->name);
    fputs("(instance", file);
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

static void write_exports(FILE *file, const struct module *module)
{
    fputs("static const struct library_export exports[] = {\n", file);
    for (size_t at = 0; at < module->function_count; at++) {
        const struct module_function *function = &module->functions[at];
        fputs("    {", file);
        write_string(file, function->name);
        /* Letters only, so that no trigraph comes about: the question marks are written as octal numbers too. */
        fputs(", ", file);
        write_string(file, function->params);
        fputs(", ", file);
        write_string(file, function->results);
        if (is_callable(function)) {
            fprintf(file, ", call_%zu},\n", at);
        } else {
            fputs(", 0},\n", file);
        }
    }
    fputs("    {0, 0, 0, 0},\n};\n\n", file);
}

/* A table of the wrapper's functions: static const struct library_signer signer = {.open = signer_open, … }; */
static void write_wrapper(FILE *file, const char *wrapper, const char *functions)
{
    fprintf(file, "static const struct library_%s %s = {\n", wrapper, wrapper);
    while (*functions != 0) {
        int len = (int)strcspn(functions, " ");
        fprintf(file, "    .%.*s = %s_%.*s,\n", len, functions, wrapper, len, functions);
        functions += len;
        functions += strspn(functions, " ");
    }
    fputs("};\n\n", file);
}

void binding_write(FILE *file, const struct module *module)
{
    struct binding_names names = binding_names_of(module);
    fprintf(file, "#include \"library.h\"\n\n#include \"%s.h\"\n\n", names.file);
    for (size_t at = 0; at < module->function_count; at++) {
        if (is_callable(&module->functions[at])) {
            write_call(file, names.module, at, &module->functions[at]);
        }
    }
    write_exports(file, module);
    if (module_is_signer(module)) {
        write_wrapper(file, "signer", SIGNER_FUNCTIONS);
    } else if (module_is_adder(module)) {
        write_wrapper(file, "adder", ADDER_FUNCTIONS);
    }
    fprintf(file,
            "static void init(void)\n{\n    wasm_rt_init();\n    Z_%s_init_module();\n}\n\n"
            "static void instantiate(void *instance)\n{\n    Z_%s_instantiate(instance);\n}\n\n"
            "static void free_instance(void *instance)\n{\n    Z_%s_free(instance);\n}\n\n",
            names.module, names.module, names.module);
    if (module->memory != NULL) {
        fputs("static wasm_rt_memory_t *memory(void *instance)\n{\n    return ", file);
        write_symbol(file, names.module, module->memory);
        fputs("(instance);\n}\n\n", file);
    }
    fprintf(file,
            "const struct library library = {\n    .init = init,\n    .instance_size = sizeof(Z_%s_instance_t),\n"
            "    .instantiate = instantiate,\n    .free = free_instance,\n    .memory = %s,\n    .exports = exports,\n"
            "    .export_count = %zu,\n%s};\n",
            names.module, module->memory == NULL ? "0" : "memory", module->function_count,
            module_is_signer(module)  ? "    .signer = &signer,\n"
            : module_is_adder(module) ? "    .adder = &adder,\n"
                                      : "");
}
