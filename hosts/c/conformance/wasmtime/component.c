#include "component.h"

#include <string.h>

#include "engine.h"

static const char *text_or_null(wasmtime_error_t *error) { return error == NULL ? NULL : error_text(error); }

const char *component_begin(struct component *component, const struct library *library) {
    *component = (struct component){.library = library, .store = engine_store()};
    component->context = wasmtime_store_context(component->store);
    wasmtime_component_linker_t *linker = wasmtime_component_linker_new(engine());
    wasmtime_error_t *error =
        wasmtime_component_linker_instantiate(linker, component->context, library->component, &component->instance);
    wasmtime_component_linker_delete(linker);
    if (error != NULL) { component_end(component); }
    return text_or_null(error);
}

void component_end(struct component *component) {
    if (component->store != NULL) { wasmtime_store_delete(component->store); }
    component->store = NULL;
}

bool component_function(const struct component *component, const char *path, wasmtime_component_func_t *function) {
    const char *hash = strrchr(path, '#');
    const char *name = hash == NULL ? path : hash + 1;
    wasmtime_component_export_index_t *from = NULL, *at = NULL;
    if (hash != NULL) {
        from = wasmtime_component_get_export_index(component->library->component, NULL, path, (size_t)(hash - path));
    }
    if (hash == NULL || from != NULL) {
        at = wasmtime_component_get_export_index(component->library->component, from, name, strlen(name));
    }
    bool is_found =
        at != NULL && wasmtime_component_instance_get_func(&component->instance, component->context, at, function);
    if (at != NULL) { wasmtime_component_export_index_delete(at); }
    if (from != NULL) { wasmtime_component_export_index_delete(from); }
    return is_found;
}

const char *component_call(const struct component *component, const wasmtime_component_func_t *function,
                           const wasmtime_component_val_t *args, size_t arg_count, wasmtime_component_val_t *result) {
    return text_or_null(
        wasmtime_component_func_call(function, component->context, args, arg_count, result, result == NULL ? 0 : 1));
}

const char *component_drop(const struct component *component, const wasmtime_component_resource_any_t *resource) {
    return text_or_null(wasmtime_component_resource_any_drop(component->context, resource));
}
