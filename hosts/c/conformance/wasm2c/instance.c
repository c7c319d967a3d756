#include "instance.h"

#include <string.h>

#include "compiler.h"
#include "files.h"
#include "guest.h"
#include "provide.h"

static const struct library *library;
static void *instance;
/* Its start function has run: there are exports. */
static bool is_started;
static unsigned deadline_ms;

static struct end run(void (*guest)(void *), struct guest_call *call) {
    int end = deadline_ms != 0 ? guest_run_for(deadline_ms, guest, call) : guest_run(guest, call);
    return (struct end){
        .kind = end == 0               ? END_RETURNED
                : end == GUEST_CUT_OFF ? END_CUT_OFF
                                       : END_TRAPPED,
        .text = guest_end_text(end),
    };
}

const char *instance_make(const struct library *of, struct limits limits) {
    const char *why = provide(of->module);
    if (why != NULL) { return why; }
    library = of;
    deadline_ms = limits.deadline_ms;
    instance = allocate(1, library->instance_size);
    guest_set_memory_limit(limits.max_pages);
    struct end end = run(guest_instantiate, &(struct guest_call){.library = library, .instance = instance});
    guest_set_memory_limit(UINT32_MAX);
    is_started = end.kind == END_RETURNED;
    return is_started ? NULL : end.text;
}

void instance_end(void) {
    if (instance != NULL) { library->free(instance); }
    provide_end();
    instance = NULL;
    is_started = false;
}

bool instance_function(const char *name, size_t name_len, struct function *found) {
    const struct module_function *function = is_started ? module_function(library->module, name, name_len) : NULL;
    if (function != NULL) { *found = (struct function){function->params, function->results, function}; }
    return function != NULL;
}

bool instance_global(const char *name, size_t name_len, struct typed_value *value) {
    size_t count = library->module->global_count;
    size_t place = is_started ? module_global(library->module, name, name_len) : count;
    if (place == count) { return false; }
    const struct library_global *global = &library->globals[place];
    union library_value held = {.i64 = 0};
    if (global->type != '?') {
        memcpy(&held, global->value(instance), global->type == 'i' || global->type == 'f' ? 4 : 8);
    }
    *value = typed_value_of(global->type, &held);
    return true;
}

struct end instance_call(const struct function *function, const struct typed_value *params,
                         struct typed_value *results) {
    size_t param_count = strlen(function->params), result_count = strlen(function->results);
    union library_value *passed = allocate(param_count, sizeof *passed);
    union library_value *returned = allocate(result_count, sizeof *returned);
    for (size_t at = 0; at < param_count; at++) { passed[at].i64 = params[at].bits; }
    struct end end = run(guest_call_export, &(struct guest_call){library, instance, function->is, passed, returned});
    for (size_t at = 0; end.kind == END_RETURNED && at < result_count; at++) {
        results[at] = typed_value_of(function->results[at], &returned[at]);
    }
    return end;
}

static wasm_rt_memory_t *linear_memory(void) {
    return is_started && library->memory != NULL ? library->memory(instance) : provided_memory();
}

struct memory instance_memory(void) {
    const wasm_rt_memory_t *memory = linear_memory();
    return memory == NULL ? (struct memory){NULL, 0} : (struct memory){memory->data, memory->size};
}

bool instance_grow(uint64_t pages, uint64_t *before) {
    wasm_rt_memory_t *memory = linear_memory();
    uint32_t had = memory != NULL && pages <= UINT32_MAX ? wasm_rt_grow_memory(memory, (uint32_t)pages) : UINT32_MAX;
    *before = had;
    return had != UINT32_MAX;
}
