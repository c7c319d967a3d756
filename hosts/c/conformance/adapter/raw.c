#include "raw.h"

#include <string.h>

#include "files.h"
#include "wire.h"

/* For each tool that a module of a request is compiled with: the answer must come within 30 seconds. */
enum { MAX_SECONDS = 8 };

/* How many calls of the host's functions are reported. */
enum { MAX_TOLD = 64, PAGE_LEN = 65536 };

/* What the operation works on beside the instance: what was called by a name, and a module of the request. */
static struct {
    const struct variable *variables;
    struct library *sent;
    /* How many of the host's functions are at work; those to report in the next answer; how many were reported. */
    size_t depth, told;
    json_t *calls;
    /* What one of them failed with: the call of the guest that led there ends with it. */
    struct end host_end;
    /* Why one could not do what the request says. */
    const char *failure;
} work;

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
static void name_results(const json_t *step, const struct typed_value *results) {
    const json_t *names = json_object_get(step, "as");
    for (size_t at = 0; at < name_count(step); at++) {
        name_value(json_is_array(names) ? json_array_get(names, at) : names, results[at]);
    }
}

static json_t *type_mismatch(const char *detail) { return refused("TYPE_MISMATCH", detail); }

static json_t *too_many_names(void) { return type_mismatch("there are more names than results"); }

/* Reads an i32 or an i64, unsigned. False if it is neither. */
static bool unsigned_from(const json_t *written, uint64_t *number) {
    struct typed_value value = value_of(written);
    *number = value.bits;
    return value.type == 'i' || value.type == 'j';
}

/* Finds the bytes that a step is about; otherwise returns the step's answer. */
static json_t *bytes_at(const json_t *step, uint64_t len, unsigned char **bytes) {
    uint64_t ptr;
    if (!unsigned_from(json_object_get(step, "ptr"), &ptr)) { return type_mismatch("a pointer is an i32 or an i64"); }
    struct memory memory = instance_memory();
    if (len > memory.len || ptr > memory.len - len) { return refused("OUT_OF_BOUNDS", NULL); }
    *bytes = memory.bytes == NULL ? NULL : memory.bytes + ptr;
    return NULL;
}

/* The answer to what ended a call early. */
static json_t *ended(struct end end) { return end.kind == END_CUT_OFF ? refused("CUT_OFF", NULL) : trap(end.text); }

/* Adds the calls that came since the last answer, unless this is the answer of a step within one. */
static json_t *with_calls(json_t *answer) {
    if (work.depth == 0 && work.calls != NULL) {
        json_object_set_new(answer, "calls", work.calls);
        work.calls = NULL;
    }
    return answer;
}

/* Whether all of the types are those of numbers. */
static bool are_numbers(const char *types) { return strspn(types, "ijfd") == strlen(types); }

/* Reads the parameters of a call; returns the step's answer if they do not fit. */
static json_t *params_from(const struct function *function, const json_t *step, struct typed_value *params) {
    const json_t *args = json_object_get(step, "args");
    size_t count = json_array_size(args);
    bool fits = count == strlen(function->params) && are_numbers(function->params) && are_numbers(function->results);
    for (size_t at = 0; at < count; at++) {
        struct typed_value value = value_of(json_array_get(args, at));
        fits = fits && value.type == function->params[at];
        if (fits) { params[at] = value; }
    }
    if (fits && name_count(step) > strlen(function->results)) { return too_many_names(); }
    return fits ? NULL
                : type_mismatch(format("it takes (%.100s) and gives (%.100s), where i is i32, j i64, f f32, d f64, and "
                                       "no other has a form here",
                                       function->params, function->results));
}

/* As instance_call, but if a function of the host failed within, that is how it ended. */
static struct end call(const struct function *function, const struct typed_value *params, struct typed_value *results) {
    struct end end = instance_call(function, params, results);
    if (work.failure != NULL) { fail_with("%s", work.failure); }
    if (end.kind != END_RETURNED && work.host_end.kind != END_RETURNED) { end = work.host_end; }
    work.host_end = (struct end){.kind = END_RETURNED};
    return end;
}

static bool find(const json_t *name, struct function *found) {
    return json_is_string(name) && instance_function(json_string_value(name), json_string_length(name), found);
}

static json_t *do_call(const json_t *step, struct end *end) {
    struct function function;
    if (!find(json_object_get(step, "export"), &function)) { return refused("NO_EXPORT", NULL); }
    size_t result_count = strlen(function.results);
    struct typed_value *params = allocate(json_array_size(json_object_get(step, "args")), sizeof *params);
    struct typed_value *results = allocate(result_count, sizeof *results);
    json_t *mismatch = params_from(&function, step, params);
    if (mismatch != NULL) { return mismatch; }
    *end = call(&function, params, results);
    if (end->kind != END_RETURNED) { return with_calls(ended(*end)); }
    name_results(step, results);
    json_t *written = json_array();
    for (size_t at = 0; at < result_count; at++) { json_array_append_new(written, value_json(results[at])); }
    return ok(with_calls(json_pack("{s:o}", "results", written)));
}

static json_t *do_global(const json_t *step) {
    const json_t *export = json_object_get(step, "export");
    struct typed_value value;
    if (!json_is_string(export) || !instance_global(json_string_value(export), json_string_length(export), &value)) {
        return refused("NO_EXPORT", NULL);
    }
    if (value.type == '?') { return type_mismatch("its value is no number"); }
    if (name_count(step) > 1) { return too_many_names(); }
    name_results(step, &value);
    return ok(json_pack("{s:[o]}", "results", value_json(value)));
}

static json_t *do_load(const json_t *step) {
    unsigned char *from;
    uint32_t loaded;
    if (name_count(step) > 1) { return too_many_names(); }
    json_t *answer = bytes_at(step, sizeof loaded, &from);
    if (answer != NULL) { return answer; }
    memcpy(&loaded, from, sizeof loaded);
    name_results(step, &(struct typed_value){'i', loaded});
    return ok(json_pack("{s:i}", "value", (int)loaded));
}

static json_t *do_grow(const json_t *step) {
    const json_t *pages = json_object_get(step, "pages");
    json_int_t delta = json_integer_value(pages);
    uint64_t before;
    if (!json_is_integer(pages) || delta < 0) { fail_with("pages is a number of them"); }
    return instance_grow((uint64_t)delta, &before) ? ok(json_pack("{s:I}", "pages", (json_int_t)before))
                                                   : refused("REFUSED", NULL);
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
        struct memory memory = instance_memory();
        unsigned char *zero = memchr(from, 0, (size_t)(memory.bytes + memory.len - from));
        if (zero == NULL) { return refused("OUT_OF_BOUNDS", NULL); }
        count = (uint64_t)(zero - from);
    }
    if (answer == NULL && count > MAX_LINE_LEN / 2) {
        fail_with("%zu bytes are more than a line of an answer can have", (size_t)count);
    }
    return answer == NULL ? ok(json_pack("{s:o}", "bytes", hex_of(from, (size_t)count))) : answer;
}

static json_t *pages(void) { return ok(json_pack("{s:I}", "pages", (json_int_t)(instance_memory().len / PAGE_LEN))); }

/* One step; *end is how its call of the guest ended, if it has one. */
static json_t *do_step(const json_t *step, struct end *end) {
    const char *what = json_string_value(json_object_get(step, "do"));
    what = what == NULL ? "without a name" : what;
    if (strcmp(what, "call") == 0) { return do_call(step, end); }
    if (strcmp(what, "write") == 0) { return do_write(step); }
    if (strcmp(what, "read") == 0) { return do_read(step); }
    if (strcmp(what, "load") == 0) { return do_load(step); }
    if (strcmp(what, "grow") == 0) { return do_grow(step); }
    if (strcmp(what, "global") == 0) { return do_global(step); }
    if (strcmp(what, "pages") == 0) { return pages(); }
    fail_with("no such step: %.500s", what);
}

/* `answers` is NULL if they are not reported. */
struct end raw_steps(const json_t *steps, json_t *answers, bool after_trap) {
    if (!json_is_array(steps)) { fail_with("steps is an array"); }
    struct end end = {.kind = END_RETURNED};
    for (size_t at = 0; at < json_array_size(steps); at++) {
        if (end.kind == END_EXITED || (end.kind != END_RETURNED && !after_trap)) { break; }
        json_array_append_new(answers, do_step(json_array_get(steps, at), &end));
    }
    return end;
}

/* A call of a function that the host provides. */
struct host_call {
    struct provided *function;
    /* Its arguments, and then its results. */
    struct typed_value *values;
    bool is_told;
    struct end end;
};

static void tell_call(const struct host_call *call, json_t *answers) {
    json_t *args = json_array();
    for (size_t at = 0; call->function->type.params[at] != 0; at++) {
        json_array_append_new(args, value_json(call->values[at]));
    }
    if (work.calls == NULL) { work.calls = json_array(); }
    json_array_append_new(work.calls, json_pack("{s:I, s:o, s:o*}", "import", (json_int_t)call->function->place, "args",
                                                args, "steps", answers));
}

static void do_host_call(void *call_) {
    struct host_call *call = call_;
    const struct extern_type *type = &call->function->type;
    const json_t *calls = json_object_get(call->function->written, "calls");
    size_t last = json_array_size(calls) - 1, turn = call->function->calls++;
    const json_t *entry = json_array_get(calls, turn < last ? turn : last);
    const json_t *steps = json_object_get(entry, "steps"), *results = json_object_get(entry, "results");
    json_t *answers = call->is_told && json_array_size(steps) > 0 ? json_array() : NULL;
    if (call->is_told) { tell_call(call, answers); }
    work.variables = NULL;
    for (size_t at = 0; entry != NULL && type->params[at] != 0; at++) {
        name_value(json_string(format("arg%zu", at)), call->values[at]);
    }
    if (steps != NULL) { call->end = raw_steps(steps, answers, false); }
    if (call->end.kind == END_RETURNED && json_object_get(entry, "throw") != NULL) {
        call->end = (struct end){.kind = END_TRAPPED, .text = "a function of the host failed"};
    }
    for (size_t at = 0; call->end.kind == END_RETURNED && type->results[at] != 0; at++) {
        struct typed_value zero = {type->results[at], 0};
        struct typed_value value = results == NULL ? zero : value_of(json_array_get(results, at));
        if (value.type != type->results[at]) { fail_with("results of another type than the function's"); }
        call->values[at] = value;
    }
}

struct end raw_host_call(struct provided *function, struct typed_value *values) {
    struct host_call call = {.function = function, .values = values, .is_told = work.told < MAX_TOLD};
    const struct variable *outer = work.variables;
    size_t before = allocated();
    work.told += call.is_told;
    work.depth++;
    const char *why = attempt(do_host_call, &call);
    work.depth--;
    work.variables = outer;
    if (why != NULL) {
        work.failure = format("%s", why);
        call.end = (struct end){.kind = END_TRAPPED, .text = work.failure};
    }
    /* A guest may call forever. If the call failed, its text is still needed, and the guest ends anyway. */
    if (!call.is_told && call.end.kind == END_RETURNED) { release_since(before); }
    work.host_end = call.end;
    return call.end;
}

static struct function needed(const char *name, const char *params, const char *results) {
    struct function found;
    if (!instance_function(name, strlen(name), &found) || strcmp(found.params, params) != 0 ||
        strcmp(found.results, results) != 0) {
        fail_with("the module has no function %s that kept_view can call", name);
    }
    return found;
}

/* A pointer into linear memory, kept while it grows. It stays good: neither host moves a memory. */
static json_t *keep_view(const json_t *in) {
    json_int_t ptr = json_integer_value(json_object_get(in, "ptr"));
    json_int_t value = json_integer_value(json_object_get(in, "value"));
    struct memory memory = instance_memory();
    if (ptr < 0 || memory.len < 4 || (uint64_t)ptr > memory.len - 4) { return refused("OUT_OF_BOUNDS", NULL); }
    const unsigned char *view = memory.bytes + ptr;
    struct typed_value one = {'i', 1}, stored[2] = {{'i', (uint32_t)ptr}, {'i', (uint32_t)value}}, result;
    struct function grow = needed("grow", "i", "i"), store = needed("store", "ii", "");
    struct end end = call(&grow, &one, &result);
    if (end.kind == END_RETURNED) { end = call(&store, stored, &result); }
    return end.kind == END_RETURNED ? ok(json_pack("{s:o}", "bytes", hex_of(view, 4))) : ended(end);
}

static json_t *on_instance(const struct library *library, const char *op, const json_t *in) {
    bool has_limit = strcmp(op, "raw_memory_limit") == 0, has_imports = strcmp(op, "raw_imports") == 0;
    bool has_deadline = strcmp(op, "raw_deadline") == 0;
    json_int_t limit = json_integer_value(json_object_get(in, has_limit ? "max_pages" : "deadline_ms"));
    if ((has_limit || has_deadline) && (limit <= 0 || limit > UINT32_MAX)) {
        fail_with("max_pages and deadline_ms are greater than 0");
    }
    imports_read(has_imports ? json_object_get(in, "imports") : NULL);
    const char *why = instance_make(library, (struct limits){.max_pages = has_limit ? (uint32_t)limit : UINT32_MAX,
                                                             .deadline_ms = has_deadline ? (unsigned)limit : 0});
    if (work.failure != NULL) { fail_with("%s", work.failure); }
    if (why != NULL) { return refused("NO_INSTANCE", why); }
    if (strcmp(op, "kept_view") == 0) { return keep_view(in); }
    json_t *answer = with_calls(json_object()), *answers = json_array();
    raw_steps(json_object_get(in, "steps"), answers, has_imports && json_is_true(json_object_get(in, "after_trap")));
    json_object_set_new(answer, "steps", answers);
    return ok(answer);
}

const struct library *raw_library(const struct library *named, const json_t *in, json_t **answer) {
    const json_t *sent = json_object_get(in, "wasm");
    if (sent == NULL) { return named; }
    struct signer_bytes wasm = bytes_from(sent);
    const struct compiled *compiled = compile(wasm.bytes, wasm.len, MAX_SECONDS, NULL);
    work.sent = compiled->library;
    if (work.sent == NULL) { *answer = refused("MODULE_REFUSED", compiled->refused); }
    return work.sent;
}

json_t *raw(const struct library *library, const char *op, const json_t *in) {
    json_t *answer = NULL;
    if (strcmp(op, "raw_module") == 0 && json_object_get(in, "wasm") == NULL) { fail_with("raw_module takes wasm"); }
    if (strcmp(op, "raw_module") == 0 || strcmp(op, "raw_imports") == 0) {
        library = raw_library(library, in, &answer);
    }
    return library == NULL ? answer : on_instance(library, op, in);
}

void raw_end(void) {
    instance_end();
    imports_end();
    library_unload(work.sent);
    memset(&work, 0, sizeof work);
}
