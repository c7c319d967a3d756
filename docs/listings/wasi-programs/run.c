/* Runs a WASI program over libwasmtime's C API. run PROGRAM.wasm FOLDER */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasmtime.h>

/* Ends this program if it is given an error or a trap. */
static void check(const char *what, wasmtime_error_t *error, wasm_trap_t *trap) {
    if (!error && !trap) { return; }
    wasm_name_t message;
    if (error) {
        wasmtime_error_message(error, &message);
    } else {
        wasm_trap_message(trap, &message);
    }
    fprintf(stderr, "%s: %.*s\n", what, (int)message.size, message.data);
    exit(1);
}

static wasmtime_module_t *compiled(wasm_engine_t *engine, const char *file) {
    static unsigned char wasm[1 << 24];
    FILE *from = fopen(file, "rb");
    size_t len = from ? fread(wasm, 1, sizeof wasm, from) : 0;
    if (!from || ferror(from) || len == sizeof wasm) {
        fprintf(stderr, "%s can't be read, or has 16 MiB or more\n", file);
        exit(1);
    }
    fclose(from);
    wasmtime_module_t *module;
    check(file, wasmtime_module_new(engine, wasm, len, &module), NULL);
    return module;
}

int main(int arg_count, char **args) {
    if (arg_count != 3) {
        fprintf(stderr, "usage: run PROGRAM.wasm FOLDER\n");
        return 2;
    }
    const char *program = args[1], *folder = args[2];

    // ANCHOR: run
    wasi_config_t *config = wasi_config_new();
    wasi_config_set_argv(config, 2, (const char *[]){"diary", "two words"});
    wasi_config_set_env(config, 1, (const char *[]){"NAME"}, (const char *[]){"Ada"});
    wasi_config_inherit_stdin(config);
    wasi_config_inherit_stdout(config);
    wasi_config_inherit_stderr(config);
    if (!wasi_config_preopen_dir(config, folder, "/notes", true)) {
        fprintf(stderr, "%s can't be opened\n", folder);
        return 1;
    }

    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    check("WASI", wasmtime_context_set_wasi(context, config), NULL); /* takes the config */
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    check("WASI", wasmtime_linker_define_wasi(linker), NULL);

    wasmtime_module_t *module = compiled(engine, program);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
    check(program, error, trap);
    wasmtime_extern_t start;
    if (!wasmtime_instance_export_get(context, &instance, "_start", strlen("_start"), &start) ||
        start.kind != WASMTIME_EXTERN_FUNC) {
        fprintf(stderr, "%s has no function _start\n", program);
        return 1;
    }
    error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
    int code = 0;
    /* The end by proc_exit arrives as an error. */
    if (error && wasmtime_error_exit_status(error, &code)) {
        wasmtime_error_delete(error);
    } else {
        check(program, error, trap);
    }
    printf("exit code %d\n", code);
    // ANCHOR_END: run

    wasmtime_module_delete(module);
    wasmtime_linker_delete(linker);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
}
