#include "provide.h"

#include <string.h>

#include "engine.h"
#include "files.h"
#include "numbers.h"
#include "raw.h"

/* Wasmtime limits the stack of calls to and fro, but only where they go through code of Wasm: an export may be a
 * function of the host itself. */
enum { MAX_DEPTH = 500 };

/* Of a table's elements, which wasmtime writes one by one: as many as in JavaScript. */
enum { MAX_ELEMENTS = 10000000 };

static wasmtime_memory_t memory;
static bool has_memory;
static size_t depth;

static wasm_trap_t *called(void *function_, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t arg_count,
                           wasmtime_val_t *results, size_t result_count) {
    static const char too_deep[] = "stack overflow: calls to and fro";
    (void)caller;
    if (depth == MAX_DEPTH) { return wasmtime_trap_new(too_deep, strlen(too_deep)); }
    struct typed_value *values = allocate(arg_count + result_count, sizeof *values);
    for (size_t at = 0; at < arg_count; at++) { values[at] = number_from(&args[at]); }
    depth++;
    struct end end = raw_host_call(function_, values);
    depth--;
    for (size_t at = 0; end.kind == END_RETURNED && at < result_count; at++) { results[at] = number_of(values[at]); }
    free_json(values); /* a guest may call forever */
    return end.kind == END_RETURNED ? NULL : wasmtime_trap_new(end.text, strlen(end.text));
}

static void types_of(const char *letters, wasm_valtype_vec_t *types) {
    wasm_valtype_vec_new_uninitialized(types, strlen(letters));
    for (size_t at = 0; at < types->size; at++) { types->data[at] = type_of(letters[at]); }
}

static void make_function(wasmtime_context_t *context, struct provided *function, wasmtime_func_t *made) {
    wasm_valtype_vec_t params, results;
    types_of(function->type.params, &params);
    types_of(function->type.results, &results);
    wasm_functype_t *type = wasm_functype_new(&params, &results);
    wasmtime_func_new(context, type, called, function, NULL, made);
    wasm_functype_delete(type);
}

static wasmtime_error_t *make_memory(wasmtime_context_t *context, const struct extern_type *limits,
                                     wasmtime_memory_t *made) {
    wasm_memorytype_t *type;
    bool has_max = limits->max != NO_MAX;
    wasmtime_error_t *error =
        wasmtime_memorytype_new(limits->min, has_max, has_max ? limits->max : 0, false, false, 16, &type);
    if (error != NULL) { return error; }
    error = wasmtime_memory_new(context, type, made);
    wasm_memorytype_delete(type);
    if (error == NULL && !has_memory) {
        memory = *made;
        has_memory = true;
    }
    return error;
}

static wasmtime_error_t *make_table(wasmtime_context_t *context, const struct extern_type *type,
                                    wasmtime_table_t *made) {
    if (type->min > type->max) { return wasmtime_error_new("a table can't begin with more than its maximum"); }
    if (type->min > MAX_ELEMENTS) { return wasmtime_error_new("a table of so many elements takes too much memory"); }
    wasm_limits_t limits = {(uint32_t)type->min, type->max == NO_MAX ? wasm_limits_max_default : (uint32_t)type->max};
    wasm_tabletype_t *of = wasm_tabletype_new(type_of('r'), &limits);
    wasmtime_val_t none = {.kind = WASMTIME_FUNCREF};
    wasmtime_funcref_set_null(&none.of.funcref);
    wasmtime_error_t *error = wasmtime_table_new(context, of, &none, made);
    wasm_tabletype_delete(of);
    return error;
}

static wasmtime_error_t *make_global(wasmtime_context_t *context, const struct provided *global,
                                     wasmtime_global_t *made) {
    wasmtime_val_t value = number_of(global->value);
    wasm_globaltype_t *type =
        wasm_globaltype_new(type_of(global->value.type), global->type.is_mutable ? WASM_VAR : WASM_CONST);
    wasmtime_error_t *error = wasmtime_global_new(context, type, &value, made);
    wasm_globaltype_delete(type);
    return error;
}

static wasmtime_error_t *make(wasmtime_context_t *context, struct provided *provided, wasmtime_extern_t *made) {
    switch (provided->type.kind) {
    case KIND_FUNCTION:
        made->kind = WASMTIME_EXTERN_FUNC;
        make_function(context, provided, &made->of.func);
        return NULL;
    case KIND_MEMORY:
        made->kind = WASMTIME_EXTERN_MEMORY;
        return make_memory(context, &provided->type, &made->of.memory);
    case KIND_TABLE: made->kind = WASMTIME_EXTERN_TABLE; return make_table(context, &provided->type, &made->of.table);
    default: made->kind = WASMTIME_EXTERN_GLOBAL; return make_global(context, provided, &made->of.global);
    }
}

const char *provide(wasmtime_linker_t *linker, wasmtime_context_t *context) {
    for (size_t at = 0; at < imports_count(); at++) {
        struct provided *provided = imports_at(at);
        const json_t *from = json_object_get(provided->written, "module");
        const json_t *name = json_object_get(provided->written, "name");
        wasmtime_extern_t made;
        wasmtime_error_t *error = make(context, provided, &made);
        if (error == NULL) {
            error = wasmtime_linker_define(linker, context, json_string_value(from), json_string_length(from),
                                           json_string_value(name), json_string_length(name), &made);
        }
        if (error != NULL) { return error_text(error); }
    }
    return NULL;
}

const wasmtime_memory_t *provided_memory(void) { return has_memory ? &memory : NULL; }

void provide_end(void) {
    has_memory = false;
    depth = 0;
}
