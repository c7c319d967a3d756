#include "raw.h"

#include <string.h>

#include "compiler.h"
#include "files.h"
#include "guest.h"
#include "imports.h"
#include "values.h"
#include "wire.h"

/* For each tool that a module of a request is compiled with: the answer must come within 30 seconds. */
enum { MAX_SECONDS = 8 };

/* How many calls of the host's functions are told, and the stack that one may take before it calls the guest. */
enum { MAX_TOLD = 64, HOST_STACK_LEN = 256 * 1024 };

/* What the operation works on: one instance and what was called by a name, and a module that came with the request. */
static struct {
    const struct library *library;
    void *instance;
    /* Its start function has run: there are exports. */
    bool is_started;
    unsigned deadline_ms;
    const struct variable *variables;
    struct compiled *sent;
    /* How many of the host's functions are at work; what is told of them since the last answer; how many ever were. */
    size_t depth, told;
    json_t *calls;
    /* Why one could not do what the request says. */
    const char *failure;
} work;

static wasm_rt_memory_t *memory(void) {
    static wasm_rt_memory_t none;
    wasm_rt_memory_t *provided = imports_memory();
    return work.is_started && work.library->memory != NULL ? work.library->memory(work.instance)
           : provided != NULL                              ? provided
                                                           : &none;
}

static int run(void (*guest)(void *), struct guest_call *call) {
    int end = work.deadline_ms != 0 ? guest_run_for(work.deadline_ms, guest, call) : guest_run(guest, call);
    if (work.failure != NULL) { fail_with("%s", work.failure); }
    return end;
}

static struct typed_value value_of(const json_t *written) { return value_from(written, work.variables); }

static void name_value(const json_t *name, struct typed_value value) {
    if (!json_is_string(name)) { fail_with("as is a name, or a list of names"); }
    struct variable *made = allocate(1, sizeof *made);
    *made = (struct variable){.next = work.variables, .name = name, .value = value};
    work.variables = made;
}

/* How many results a step names. */
static size_t name_count(const json_t *step) {
    const json_t *names = json_object_get(step, "as");
    return json_is_array(names) ? json_array_size(names) : names != NULL;
}

/* Gives them their names, from the first on. */
static void name_results(const json_t *step, const char *types, const union library_value *results) {
    const json_t *names = json_object_get(step, "as");
    for (size_t at = 0; at < name_count(step); at++) {
        name_value(json_is_array(names) ? json_array_get(names, at) : names,
                   (struct typed_value){types[at], results[at]});
    }
}

static json_t *type_mismatch(const char *detail) { return refused("TYPE_MISMATCH", detail); }

static json_t *too_many_names(void) { return type_mismatch("there are more names than results"); }

/* Reads an i32 or an i64, unsigned. False if it is neither. */
static bool unsigned_from(const json_t *written, uint64_t *number) {
    struct typed_value value = value_of(written);
    *number = value.type == 'i' ? value.value.i32 : value.value.i64;
    return value.type == 'i' || value.type == 'j';
}

/* Finds the bytes that a step is about; otherwise returns the step's answer. */
static json_t *bytes_at(const json_t *step, uint64_t len, unsigned char **bytes) {
    uint64_t ptr;
    if (!unsigned_from(json_object_get(step, "ptr"), &ptr)) { return type_mismatch("a pointer is an i32 or an i64"); }
    if (ptr > UINT32_MAX || !guest_in_bounds(memory(), (uint32_t)ptr, len)) { return refused("OUT_OF_BOUNDS", NULL); }
    *bytes = memory()->data + ptr;
    return NULL;
}

/* The answer to what ended a run early. */
static json_t *ended(int end) { return end == GUEST_CUT_OFF ? refused("CUT_OFF", NULL) : trap(guest_end_text(end)); }

/* Adds the calls that came since the last answer, unless this is the answer of a step within one. */
static json_t *with_calls(json_t *answer) {
    if (work.depth == 0 && work.calls != NULL) {
        json_object_set_new(answer, "calls", work.calls);
        work.calls = NULL;
    }
    return answer;
}

/* Reads the parameters of a call; returns the step's answer if they do not fit. */
static json_t *params_from(const struct module_function *function, const json_t *step, union library_value *params) {
    const json_t *args = json_object_get(step, "args");
    size_t count = json_array_size(args);
    bool fits = count == strlen(function->params) && strpbrk(function->results, "ore") == NULL;
    for (size_t at = 0; at < count; at++) {
        struct typed_value value = value_of(json_array_get(args, at));
        fits = fits && value.type == function->params[at];
        if (fits) { params[at] = value.value; }
    }
    if (fits && name_count(step) > strlen(function->results)) { return too_many_names(); }
    return fits ? NULL
                : type_mismatch(format("it takes (%.100s) and gives (%.100s), where i is i32, j i64, f f32, d f64, and "
                                       "o, r and e have no form here",
                                       function->params, function->results));
}

static json_t *do_call(const json_t *step, int *end) {
    const json_t *export = json_object_get(step, "export");
    const struct module_function *function =
        json_is_string(export) && work.is_started
            ? module_function(work.library->module, json_string_value(export), json_string_length(export))
            : NULL;
    if (function == NULL) { return refused("NO_EXPORT", NULL); }
    size_t result_count = strlen(function->results);
    union library_value *params = allocate(strlen(function->params), sizeof *params);
    union library_value *results = allocate(result_count, sizeof *results);
    json_t *mismatch = params_from(function, step, params);
    if (mismatch != NULL) { return mismatch; }
    *end = run(guest_call_export, &(struct guest_call){work.library, work.instance, function, params, results});
    if (*end != 0) { return with_calls(ended(*end)); }
    name_results(step, function->results, results);
    json_t *written = json_array();
    for (size_t at = 0; at < result_count; at++) {
        json_array_append_new(written, value_json(function->results[at], results[at]));
    }
    return ok(with_calls(json_pack("{s:o}", "results", written)));
}

static json_t *do_global(const json_t *step) {
    const json_t *export = json_object_get(step, "export");
    const struct module *module = work.library->module;
    size_t place = json_is_string(export) && work.is_started
                       ? module_global(module, json_string_value(export), json_string_length(export))
                       : module->global_count;
    if (place == module->global_count) { return refused("NO_EXPORT", NULL); }
    const struct library_global *global = &work.library->globals[place];
    if (global->type == '?') { return type_mismatch("its value is no number"); }
    if (name_count(step) > 1) { return too_many_names(); }
    union library_value value = {.i64 = 0};
    memcpy(&value, global->value(work.instance), global->type == 'i' || global->type == 'f' ? 4 : 8);
    name_results(step, &global->type, &value);
    return ok(json_pack("{s:[o]}", "results", value_json(global->type, value)));
}

static json_t *do_load(const json_t *step) {
    unsigned char *from;
    union library_value value;
    if (name_count(step) > 1) { return too_many_names(); }
    json_t *answer = bytes_at(step, sizeof value.i32, &from);
    if (answer != NULL) { return answer; }
    memcpy(&value.i32, from, sizeof value.i32);
    name_results(step, "i", &value);
    return ok(json_pack("{s:i}", "value", (int)value.i32));
}

static json_t *do_grow(const json_t *step) {
    const json_t *pages = json_object_get(step, "pages");
    json_int_t delta = json_integer_value(pages);
    if (!json_is_integer(pages) || delta < 0) { fail_with("pages is a number of them"); }
    bool can = memory()->data != NULL && delta <= UINT32_MAX;
    uint32_t before = can ? wasm_rt_grow_memory(memory(), (uint32_t)delta) : UINT32_MAX;
    return before == UINT32_MAX ? refused("REFUSED", NULL) : ok(json_pack("{s:I}", "pages", (json_int_t)before));
}

static json_t *do_write(const json_t *step) {
    struct signer_bytes bytes = bytes_from(json_object_get(step, "bytes"));
    unsigned char *to;
    json_t *answer = bytes_at(step, bytes.len, &to);
    if (answer == NULL && bytes.len > 0) { memcpy(to, bytes.bytes, bytes.len); }
    return answer == NULL ? ok(json_object()) : answer;
}

/* A plain number, or an i32 or an i64. False if it is a float. */
static bool len_from(const json_t *len, uint64_t *count) {
    if (!json_is_integer(len) || json_integer_value(len) < 0) { return unsigned_from(len, count); }
    *count = (uint64_t)json_integer_value(len);
    return true;
}

static json_t *do_read(const json_t *step) {
    const json_t *len = json_object_get(step, "len");
    bool to_zero = json_is_string(len) && strcmp(json_string_value(len), "nul") == 0;
    uint64_t count = 1; /* the zero byte at least */
    unsigned char *from;
    if (!to_zero && !len_from(len, &count)) { return type_mismatch("a length is an i32 or an i64"); }
    json_t *answer = bytes_at(step, count, &from);
    if (answer == NULL && to_zero) {
        unsigned char *zero = memchr(from, 0, (size_t)(memory()->data + memory()->size - from));
        if (zero == NULL) { return refused("OUT_OF_BOUNDS", NULL); }
        count = (uint64_t)(zero - from);
    }
    if (answer == NULL && count > MAX_LINE_LEN / 2) {
        fail_with("%zu bytes are more than a line of an answer can have", (size_t)count);
    }
    return answer == NULL ? ok(json_pack("{s:o}", "bytes", hex_of(from, (size_t)count))) : answer;
}

/* One step; *end is set where the guest did not come to its end. */
static json_t *do_step(const json_t *step, int *end) {
    const char *what = json_string_value(json_object_get(step, "do"));
    what = what == NULL ? "without a name" : what;
    if (strcmp(what, "call") == 0) { return do_call(step, end); }
    if (strcmp(what, "write") == 0) { return do_write(step); }
    if (strcmp(what, "read") == 0) { return do_read(step); }
    if (strcmp(what, "load") == 0) { return do_load(step); }
    if (strcmp(what, "grow") == 0) { return do_grow(step); }
    if (strcmp(what, "global") == 0) { return do_global(step); }
    if (strcmp(what, "pages") == 0) { return ok(json_pack("{s:I}", "pages", (json_int_t)memory()->pages)); }
    fail_with("no such step: %.500s", what);
}

/* Does steps, up to one that traps, and tells what came of them, unless `answers` is NULL. Returns what ended one. */
static int do_steps(const json_t *steps, json_t *answers, bool after_trap) {
    if (!json_is_array(steps)) { fail_with("steps is an array"); }
    int end = 0;
    for (size_t at = 0; (end == 0 || after_trap) && at < json_array_size(steps); at++) {
        json_array_append_new(answers, do_step(json_array_get(steps, at), &end));
    }
    return end;
}

/* A call of a function that the host provides. */
struct host_call {
    struct provided *function;
    /* Its arguments, and then its results. */
    union library_value *values;
    bool is_told;
    /* What it fails with, or 0. */
    int end;
};

static void tell_call(const struct host_call *call, json_t *answers) {
    const char *params = call->function->type.params;
    json_t *args = json_array();
    for (size_t at = 0; params[at] != 0; at++) {
        json_array_append_new(args, value_json(params[at], call->values[at]));
    }
    if (work.calls == NULL) { work.calls = json_array(); }
    json_array_append_new(work.calls, json_pack("{s:I, s:o, s:o*}", "import", (json_int_t)call->function->place, "args",
                                                args, "steps", answers));
}

static void do_host_call(void *call_) {
    struct host_call *call = call_;
    const struct module_type *type = &call->function->type;
    const json_t *calls = json_object_get(call->function->written, "calls");
    size_t last = json_array_size(calls) - 1, turn = call->function->calls++;
    const json_t *entry = json_array_get(calls, turn < last ? turn : last);
    const json_t *steps = json_object_get(entry, "steps"), *results = json_object_get(entry, "results");
    json_t *answers = call->is_told && json_array_size(steps) > 0 ? json_array() : NULL;
    if (call->is_told) { tell_call(call, answers); }
    work.variables = NULL;
    for (size_t at = 0; entry != NULL && type->params[at] != 0; at++) {
        name_value(json_string(format("arg%zu", at)), (struct typed_value){type->params[at], call->values[at]});
    }
    if (steps != NULL) { call->end = do_steps(steps, answers, false); }
    if (call->end == 0 && json_object_get(entry, "throw") != NULL) { call->end = GUEST_HOST_FAILED; }
    memset(call->values, 0, strlen(type->results) * sizeof *call->values);
    for (size_t at = 0; call->end == 0 && results != NULL && type->results[at] != 0; at++) {
        struct typed_value value = value_of(json_array_get(results, at));
        if (value.type != type->results[at]) { fail_with("results of another type than the function's"); }
        call->values[at] = value.value;
    }
}

void host_call(size_t import, union library_value *values) {
    guest_need_stack(HOST_STACK_LEN);
    struct host_call call = {.function = imports_get(import), .values = values, .is_told = work.told < MAX_TOLD};
    const struct variable *outer = work.variables;
    size_t before = allocated();
    work.told += call.is_told;
    work.depth++;
    const char *why = attempt(do_host_call, &call);
    work.depth--;
    work.variables = outer;
    /* A guest may call for ever. */
    if (!call.is_told) { release_since(before); }
    if (why != NULL) {
        work.failure = format("%s", why);
        call.end = GUEST_BROKEN;
    }
    if (call.end != 0) { guest_end_run(call.end); }
}

/* A pointer into linear memory, kept while it grows. It stays good: guest.c never moves a memory. */
static json_t *keep_view(const json_t *in) {
    json_int_t ptr = json_integer_value(json_object_get(in, "ptr"));
    json_int_t value = json_integer_value(json_object_get(in, "value"));
    if (ptr < 0 || ptr > UINT32_MAX || !guest_in_bounds(memory(), (uint32_t)ptr, 4)) {
        return refused("OUT_OF_BOUNDS", NULL);
    }
    const unsigned char *view = memory()->data + ptr;
    union library_value stored[2] = {{.i32 = (uint32_t)ptr}, {.i32 = (uint32_t)value}}, result;
    struct guest_call grow = {work.library, work.instance, library_function(work.library, "grow"),
                              &(union library_value){.i32 = 1}, &result};
    struct guest_call store = {work.library, work.instance, library_function(work.library, "store"), stored, &result};
    int end = run(guest_call_export, &grow);
    end = end != 0 ? end : run(guest_call_export, &store);
    return end == 0 ? ok(json_pack("{s:o}", "bytes", hex_of(view, 4))) : ended(end);
}

bool raw_has_view(const struct library *library) {
    const struct module_function *grow = library_function(library, "grow");
    const struct module_function *store = library_function(library, "store");
    return library->memory != NULL && grow != NULL && store != NULL && strcmp(grow->params, "i") == 0 &&
           strcmp(grow->results, "i") == 0 && strcmp(store->params, "ii") == 0 && strcmp(store->results, "") == 0;
}

static json_t *on_instance(const struct library *library, const char *op, const json_t *in) {
    bool has_limit = strcmp(op, "raw_memory_limit") == 0;
    bool has_deadline = strcmp(op, "raw_deadline") == 0;
    json_int_t limit = json_integer_value(json_object_get(in, has_limit ? "max_pages" : "deadline_ms"));
    if ((has_limit || has_deadline) && (limit <= 0 || limit > UINT32_MAX)) {
        fail_with("max_pages and deadline_ms are greater than 0");
    }
    work.library = library;
    work.deadline_ms = has_deadline ? (unsigned)limit : 0;
    const char *why =
        imports_provide(strcmp(op, "raw_imports") == 0 ? json_object_get(in, "imports") : NULL, library->module);
    if (why != NULL) { return refused("NO_INSTANCE", why); }
    work.instance = allocate(1, library->instance_size);
    guest_set_memory_limit(has_limit ? (uint32_t)limit : UINT32_MAX);
    int end = run(guest_instantiate, &(struct guest_call){.library = library, .instance = work.instance});
    guest_set_memory_limit(UINT32_MAX);
    if (end != 0) { return refused("NO_INSTANCE", guest_end_text(end)); }
    work.is_started = true;
    if (strcmp(op, "kept_view") == 0) { return keep_view(in); }
    json_t *answer = with_calls(json_object()), *answers = json_array();
    bool after_trap = strcmp(op, "raw_imports") == 0 && json_is_true(json_object_get(in, "after_trap"));
    do_steps(json_object_get(in, "steps"), answers, after_trap);
    json_object_set_new(answer, "steps", answers);
    return ok(answer);
}

json_t *raw(const struct library *library, const char *op, const json_t *in) {
    const json_t *sent = json_object_get(in, "wasm");
    if (strcmp(op, "raw_module") != 0 && (strcmp(op, "raw_imports") != 0 || sent == NULL)) {
        return on_instance(library, op, in);
    }
    struct signer_bytes wasm = bytes_from(sent);
    work.sent = compile(wasm.bytes, wasm.len, MAX_SECONDS);
    return work.sent->library == NULL ? refused("MODULE_REFUSED", work.sent->refused)
                                      : on_instance(work.sent->library, op, in);
}

void raw_end(void) {
    if (work.instance != NULL) { work.library->free(work.instance); }
    imports_end();
    if (work.sent != NULL) { compiled_unload(work.sent); }
    memset(&work, 0, sizeof work);
}
