#include "instance.h"

#include <string.h>

#include "engine.h"
#include "files.h"
#include "library.h"
#include "numbers.h"
#include "program.h"
#include "provide.h"

enum { PAGE_LEN = 65536 };

static wasmtime_store_t *store;
static wasmtime_context_t *context;
static wasmtime_linker_t *linker;
static wasmtime_instance_t instance;
/* Its start function has run: there are exports. */
static bool is_started;
static wasmtime_memory_t memory;
static bool exports_memory;
static unsigned deadline_ms;

static void begin(void) {
    if (deadline_ms != 0) {
        wasmtime_context_set_epoch_deadline(context, 1);
        deadline_start(deadline_ms);
    }
}

static void finish(void) {
    if (deadline_ms != 0) { deadline_stop(); }
}

/* An export of that kind. */
static bool export(const char *name, size_t name_len, wasmtime_extern_kind_t kind, wasmtime_extern_t *item) {
    if (!is_started || name == NULL) { return false; }
    if (!wasmtime_instance_export_get(context, &instance, name, name_len, item)) { return false; }
    bool is_found = item->kind == kind;
    if (!is_found) { wasmtime_extern_delete(item); }
    return is_found;
}

const char *instance_make(const struct library *library, struct limits limits) {
    store = engine_store();
    context = wasmtime_store_context(store);
    linker = wasmtime_linker_new(engine());
    deadline_ms = limits.deadline_ms;
    if (limits.max_pages != UINT32_MAX) {
        wasmtime_store_limiter(store, (int64_t)limits.max_pages * PAGE_LEN, -1, -1, -1, -1);
    }
    const char *why = provide(linker, context);
    if (why == NULL) { why = program_define(linker, context); }
    if (why != NULL) { return why; }
    wasm_trap_t *trap = NULL;
    begin();
    wasmtime_error_t *error = wasmtime_linker_instantiate(linker, context, library->module, &instance, &trap);
    finish();
    struct end end = end_of(error, trap);
    is_started = end.kind == END_RETURNED;
    wasmtime_extern_t item;
    if (export(library->memory_name, library->memory_name_len, WASMTIME_EXTERN_MEMORY, &item)) {
        memory = item.of.memory;
        exports_memory = true;
    }
    return is_started ? NULL : end.text;
}

void instance_end(void) {
    if (linker != NULL) { wasmtime_linker_delete(linker); }
    if (store != NULL) { wasmtime_store_delete(store); }
    linker = NULL;
    store = NULL;
    is_started = exports_memory = false;
    provide_end();
}

bool instance_function(const char *name, size_t name_len, struct function *found) {
    wasmtime_extern_t item;
    if (!export(name, name_len, WASMTIME_EXTERN_FUNC, &item)) { return false; }
    wasmtime_func_t *func = allocate(1, sizeof *func);
    *func = item.of.func;
    wasm_functype_t *type = wasmtime_func_type(context, func);
    *found = (struct function){letters_of(wasm_functype_params(type)), letters_of(wasm_functype_results(type)), func};
    wasm_functype_delete(type);
    return true;
}

bool instance_global(const char *name, size_t name_len, struct typed_value *value) {
    wasmtime_extern_t item;
    wasmtime_val_t held;
    if (!export(name, name_len, WASMTIME_EXTERN_GLOBAL, &item)) { return false; }
    wasmtime_global_get(context, &item.of.global, &held);
    *value = number_from(&held);
    wasmtime_val_unroot(&held);
    return true;
}

struct end instance_call(const struct function *function, const struct typed_value *params,
                         struct typed_value *results) {
    size_t param_count = strlen(function->params), result_count = strlen(function->results);
    wasmtime_val_t *passed = allocate(param_count, sizeof *passed);
    wasmtime_val_t *returned = allocate(result_count, sizeof *returned);
    for (size_t at = 0; at < param_count; at++) { passed[at] = number_of(params[at]); }
    wasm_trap_t *trap = NULL;
    begin();
    wasmtime_error_t *error =
        wasmtime_func_call(context, function->is, passed, param_count, returned, result_count, &trap);
    finish();
    struct end end = end_of(error, trap);
    for (size_t at = 0; end.kind == END_RETURNED && at < result_count; at++) {
        results[at] = number_from(&returned[at]);
    }
    return end;
}

static const wasmtime_memory_t *linear_memory(void) { return exports_memory ? &memory : provided_memory(); }

struct memory instance_memory(void) {
    const wasmtime_memory_t *of = linear_memory();
    if (of == NULL) { return (struct memory){NULL, 0}; }
    return (struct memory){wasmtime_memory_data(context, of), wasmtime_memory_data_size(context, of)};
}

bool instance_grow(uint64_t pages, uint64_t *before) {
    const wasmtime_memory_t *of = linear_memory();
    wasmtime_error_t *error = of == NULL ? NULL : wasmtime_memory_grow(context, of, pages, before);
    if (error != NULL) { wasmtime_error_delete(error); }
    return of != NULL && error == NULL;
}
