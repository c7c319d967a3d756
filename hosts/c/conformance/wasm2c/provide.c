#include "provide.h"

#include <string.h>

#include "files.h"
#include "guest.h"
#include "raw.h"

/* What a name takes in a message, and the stack that a function of the host may take before it calls the guest. */
enum { MAX_SHOWN = 60, HOST_STACK_LEN = 256 * 1024 };

/* What the translated code works on, for each entry of the list. */
static union item {
    wasm_rt_memory_t memory;
    wasm_rt_funcref_table_t table;
    uint64_t bits;
} * items;
static size_t count;
/* For each import of the module, the entry that it got. */
static size_t *places;

static bool is_same(struct module_bytes name, const json_t *other) {
    return json_string_length(other) == name.len && memcmp(json_string_value(other), name.at, name.len) == 0;
}

static bool fits(const struct provided *provided, const struct module_import *import) {
    const struct extern_type *has = &provided->type, *wanted = &import->type;
    return is_same(import->from, json_object_get(provided->written, "module")) &&
           is_same(import->name, json_object_get(provided->written, "name")) && has->kind == wanted->kind &&
           strcmp(has->params, wanted->params) == 0 && strcmp(has->results, wanted->results) == 0 &&
           has->is_mutable == wanted->is_mutable && has->min >= wanted->min && has->max <= wanted->max;
}

/* A name for a message: what is not printable ASCII as \xhh, and not too much of it. */
static char *shown(struct module_bytes name) {
    char *text = format("%s", "");
    for (size_t at = 0; at < name.len && at < MAX_SHOWN; at++) {
        bool is_plain = name.at[at] >= ' ' && name.at[at] < 127 && name.at[at] != '\\';
        text = format(is_plain ? "%s%c" : "%s\\x%02x", text, name.at[at]);
    }
    return name.len > MAX_SHOWN ? format("%s...", text) : text;
}

/* Inside guest_run, which ends early if the system has no memory. */
static void make(void *nothing) {
    (void)nothing;
    for (size_t at = 0; at < count; at++) {
        const struct provided *provided = imports_at(at);
        const struct extern_type *type = &provided->type;
        uint32_t max = type->max < UINT32_MAX ? (uint32_t)type->max : UINT32_MAX;
        switch (type->kind) {
        case KIND_MEMORY: wasm_rt_allocate_memory(&items[at].memory, (uint32_t)type->min, max); break;
        case KIND_TABLE: wasm_rt_allocate_funcref_table(&items[at].table, (uint32_t)type->min, max); break;
        default: items[at].bits = provided->value.bits;
        }
    }
}

const char *provide(const struct module *module) {
    size_t listed = imports_count();
    items = allocate(listed, sizeof *items);
    places = allocate(module->import_count, sizeof *places);
    count = listed;
    for (size_t at = 0; at < module->import_count; at++) {
        const struct module_import *import = &module->imports[at];
        while (places[at] < listed && !fits(imports_at(places[at]), import)) { places[at]++; }
        if (places[at] == listed) {
            return format("nothing is provided that fits %s.%s", shown(import->from), shown(import->name));
        }
    }
    int end = guest_run(make, NULL);
    return end == 0 ? NULL : guest_end_text(end);
}

struct typed_value typed_value_of(char type, const union library_value *value) {
    return (struct typed_value){type, type == 'i' || type == 'f' ? value->i32 : value->i64};
}

void *host_given(size_t import) { return &items[places[import]]; }

void host_call(size_t import, union library_value *values) {
    guest_need_stack(HOST_STACK_LEN);
    struct provided *function = imports_at(places[import]);
    const char *params = function->type.params, *results = function->type.results;
    size_t param_count = strlen(params), result_count = strlen(results);
    struct typed_value *passed = allocate(param_count + result_count, sizeof *passed);
    for (size_t at = 0; at < param_count; at++) { passed[at] = typed_value_of(params[at], &values[at]); }
    struct end end = raw_host_call(function, passed);
    for (size_t at = 0; end.kind == END_RETURNED && at < result_count; at++) { values[at].i64 = passed[at].bits; }
    free_json(passed); /* a guest may call forever */
    if (end.kind != END_RETURNED) { guest_end_run(GUEST_HOST_FAILED); }
}

wasm_rt_memory_t *provided_memory(void) {
    for (size_t at = 0; at < count; at++) {
        if (imports_at(at)->type.kind == KIND_MEMORY) { return &items[at].memory; }
    }
    return NULL;
}

void provide_end(void) {
    for (size_t at = 0; at < count; at++) {
        if (imports_at(at)->type.kind == KIND_MEMORY) { wasm_rt_free_memory(&items[at].memory); }
        if (imports_at(at)->type.kind == KIND_TABLE) { wasm_rt_free_funcref_table(&items[at].table); }
    }
    count = 0;
}
