#include "library.h"

#include <string.h>

#include "engine.h"
#include "files.h"

const char *host_runtime(void) { return "wasmtime " WASMTIME_VERSION; }

static bool begins_with(const unsigned char *wasm, size_t len, const char *head, size_t head_len) {
    return len >= head_len && memcmp(wasm, head, head_len) == 0;
}

static bool is(const wasm_name_t *name, const char *text) {
    return name->size == strlen(text) && memcmp(name->data, text, name->size) == 0;
}

static void read_exports(struct library *library) {
    wasm_exporttype_vec_t exports;
    wasmtime_module_exports(library->module, &exports);
    size_t viewed = 0;
    bool is_named = false;
    for (size_t at = 0; at < exports.size; at++) {
        const wasm_name_t *name = wasm_exporttype_name(exports.data[at]);
        bool is_memory = wasm_externtype_kind(wasm_exporttype_type(exports.data[at])) == WASM_EXTERN_MEMORY;
        viewed += is(name, "grow") || is(name, "store") || (is_memory && is(name, "memory"));
        if (is_memory && !is_named && (library->memory_name == NULL || is(name, "memory"))) {
            char *copy = allocate(name->size, 1);
            if (name->size > 0) { memcpy(copy, name->data, name->size); }
            library->memory_name = copy;
            library->memory_name_len = name->size;
            is_named = is(name, "memory");
        }
    }
    library->has_view = viewed == 3;
    wasm_exporttype_vec_delete(&exports);
}

struct compiled *compile(const unsigned char *wasm, size_t len, unsigned seconds, const json_t *file) {
    (void)seconds; /* for hosts that run other programs */
    struct compiled *compiled = allocate(1, sizeof *compiled);
    struct library made = {.types = json_object_get(file, "types")};
    wasmtime_error_t *error = NULL;
    if (file != NULL && begins_with(wasm, len, "\0asm\x0d\0\1\0", 8)) {
        error = wasmtime_component_new(engine(), wasm, len, &made.component);
    } else if (begins_with(wasm, len, "\0asm", 4)) {
        error = wasmtime_module_new(engine(), wasm, len, &made.module);
    } else {
        compiled->refused = "it does not begin as a module does";
    }
    if (error != NULL) { compiled->refused = error_text(error); }
    if (compiled->refused == NULL) {
        compiled->library = allocate(1, sizeof made);
        *compiled->library = made;
        if (made.module != NULL) { read_exports(compiled->library); }
    }
    return compiled;
}

void library_unload(struct library *library) {
    if (library == NULL) { return; }
    if (library->module != NULL) { wasmtime_module_delete(library->module); }
    if (library->component != NULL) { wasmtime_component_delete(library->component); }
}
