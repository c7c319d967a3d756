#include "raw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "files.h"
#include "guest.h"
#include "wire.h"

/* For each tool that a module of a request is compiled with: the answer must come within 30 seconds. */
enum { MAX_SECONDS = 8 };

struct variable {
    struct variable *next;
    const json_t *name;
    uint32_t value;
};

/* What the operation works on: one instance and what was called by a name, and a module that came with the request. */
static struct {
    const struct library *library;
    void *instance;
    unsigned deadline_ms;
    struct variable *variables;
    struct compiled *sent;
} work;

struct typed_value {
    char type;
    union library_value value;
};

static const wasm_rt_memory_t *memory(void) {
    static const wasm_rt_memory_t none;
    return work.library->memory == NULL ? &none : work.library->memory(work.instance);
}

static int run(void (*guest)(void *), struct guest_call *call) {
    return work.deadline_ms != 0 ? guest_run_for(work.deadline_ms, guest, call) : guest_run(guest, call);
}

/* Hex digits, so many of them, as a number. */
static bool bits_from(const char *digits, size_t count, uint64_t *bits) {
    *bits = 0;
    for (size_t at = 0; at < count; at++) {
        const char *found = digits[at] == 0 ? NULL : strchr("0123456789abcdef", digits[at]);
        if (found == NULL) { return false; }
        *bits = *bits << 4 | (uint64_t)(found - "0123456789abcdef");
    }
    return digits[count] == 0;
}

/* A value of the protocol. */
static struct typed_value value_from(const json_t *written) {
    const json_t *number = json_object_get(written, "i32"), *name = json_object_get(written, "var");
    const char *i64 = json_string_value(json_object_get(written, "i64"));
    const char *f32 = json_string_value(json_object_get(written, "f32"));
    const char *f64 = json_string_value(json_object_get(written, "f64"));
    const struct variable *variable = name == NULL ? NULL : work.variables;
    struct typed_value value;
    uint64_t bits;
    char *end;
    if (json_is_integer(number) && json_integer_value(number) >= INT32_MIN && json_integer_value(number) <= INT32_MAX) {
        return (struct typed_value){.type = 'i', .value.i32 = (uint32_t)json_integer_value(number)};
    }
    if (i64 != NULL && *i64 != 0) {
        errno = 0;
        value = (struct typed_value){.type = 'j', .value.i64 = (uint64_t)strtoll(i64, &end, 10)};
        if (*end == 0 && errno == 0) { return value; }
    }
    if (f32 != NULL && bits_from(f32, 8, &bits)) {
        /* As bits: a conversion would change some NaNs. */
        return (struct typed_value){.type = 'f', .value.i32 = (uint32_t)bits};
    }
    if (f64 != NULL && bits_from(f64, 16, &bits)) { return (struct typed_value){.type = 'd', .value.i64 = bits}; }
    while (variable != NULL && !json_equal(variable->name, name)) { variable = variable->next; }
    if (variable == NULL) { fail_with("not a value, or a name that no earlier call gave"); }
    /* An offset, if there is one, modulo 2^32. */
    uint32_t plus = (uint32_t)json_integer_value(json_object_get(written, "plus"));
    return (struct typed_value){.type = 'i', .value.i32 = variable->value + plus};
}

static json_t *value_json(char type, union library_value value) {
    char text[32];
    switch (type) {
    case 'i': return json_pack("{s:I}", "i32", (json_int_t)(int32_t)value.i32);
    case 'j': snprintf(text, sizeof text, "%" PRId64, (int64_t)value.i64); return json_pack("{s:s}", "i64", text);
    case 'f': snprintf(text, sizeof text, "%08" PRIx32, value.i32); return json_pack("{s:s}", "f32", text);
    default: snprintf(text, sizeof text, "%016" PRIx64, value.i64); return json_pack("{s:s}", "f64", text);
    }
}

static json_t *type_mismatch(const char *detail) { return refused("TYPE_MISMATCH", detail); }

/* Finds the bytes that a step is about; otherwise returns the step's answer. */
static json_t *bytes_at(const json_t *step, uint64_t len, unsigned char **bytes) {
    struct typed_value ptr = value_from(json_object_get(step, "ptr"));
    if (ptr.type != 'i') { return type_mismatch("a pointer is an i32: no memory here has addresses of 64 bits"); }
    if (!guest_in_bounds(memory(), ptr.value.i32, len)) { return refused("OUT_OF_BOUNDS", NULL); }
    *bytes = memory()->data + ptr.value.i32;
    return NULL;
}

/* The answer to what ended a run early: always the last one. */
static json_t *ended(int end) { return end == GUEST_CUT_OFF ? refused("CUT_OFF", NULL) : trap(guest_end_text(end)); }

/* Reads the parameters of a call; returns the step's answer if they do not fit. */
static json_t *params_from(const struct module_function *function, const json_t *step, union library_value *params) {
    const json_t *args = json_object_get(step, "args");
    size_t count = json_array_size(args);
    bool fits = count == strlen(function->params) && function->call != NULL;
    for (size_t at = 0; at < count; at++) {
        struct typed_value value = value_from(json_array_get(args, at));
        fits = fits && value.type == function->params[at];
        if (fits) { params[at] = value.value; }
    }
    if (fits && json_object_get(step, "as") != NULL && function->results[0] != 'i') {
        return type_mismatch("its first result is no i32, which alone can be given a name");
    }
    return fits ? NULL
                : type_mismatch(format("it takes (%.100s) and gives (%.100s), where i is i32, j i64, f f32, d f64, and "
                                       "? what has no form here",
                                       function->params, function->results));
}

static json_t *do_call(const json_t *step, int *end) {
    const json_t *export = json_object_get(step, "export"), *name = json_object_get(step, "as");
    const struct module_function *function =
        json_is_string(export)
            ? module_function(work.library->module, json_string_value(export), json_string_length(export))
            : NULL;
    if (function == NULL) { return refused("NO_EXPORT", NULL); }
    size_t result_count = strlen(function->results);
    union library_value *params = allocate(strlen(function->params), sizeof *params);
    union library_value *results = allocate(result_count, sizeof *results);
    json_t *mismatch = params_from(function, step, params);
    if (mismatch != NULL) { return mismatch; }
    *end = run(guest_call_export, &(struct guest_call){work.library, work.instance, function, params, results});
    if (*end != 0) { return ended(*end); }
    if (name != NULL) {
        struct variable *made = allocate(1, sizeof *made);
        *made = (struct variable){.next = work.variables, .name = name, .value = results[0].i32};
        work.variables = made;
    }
    json_t *written = json_array();
    for (size_t at = 0; at < result_count; at++) {
        json_array_append_new(written, value_json(function->results[at], results[at]));
    }
    return ok(json_pack("{s:o}", "results", written));
}

static json_t *do_write(const json_t *step) {
    struct signer_bytes bytes = bytes_from(json_object_get(step, "bytes"));
    unsigned char *to;
    json_t *answer = bytes_at(step, bytes.len, &to);
    if (answer == NULL && bytes.len > 0) { memcpy(to, bytes.bytes, bytes.len); }
    return answer == NULL ? ok(json_object()) : answer;
}

static json_t *do_read(const json_t *step) {
    const json_t *len = json_object_get(step, "len");
    if (!json_is_integer(len) || json_integer_value(len) < 0) { fail_with("len is a number of bytes"); }
    size_t count = (size_t)json_integer_value(len);
    unsigned char *from;
    json_t *answer = bytes_at(step, count, &from);
    if (answer == NULL && count > MAX_LINE_LEN / 2) {
        fail_with("%zu bytes are more than a line of an answer can have", count);
    }
    return answer == NULL ? ok(json_pack("{s:o}", "bytes", hex_of(from, count))) : answer;
}

/* One step; *end is set where the guest did not come to its end. */
static json_t *do_step(const json_t *step, int *end) {
    const char *what = json_string_value(json_object_get(step, "do"));
    what = what == NULL ? "without a name" : what;
    if (strcmp(what, "call") == 0) { return do_call(step, end); }
    if (strcmp(what, "write") == 0) { return do_write(step); }
    if (strcmp(what, "read") == 0) { return do_read(step); }
    if (strcmp(what, "pages") == 0) { return ok(json_pack("{s:I}", "pages", (json_int_t)memory()->pages)); }
    fail_with("no such step: %.500s", what);
}

static json_t *do_steps(const json_t *steps) {
    if (!json_is_array(steps)) { fail_with("steps is an array"); }
    json_t *answers = json_array();
    int end = 0;
    for (size_t at = 0; end == 0 && at < json_array_size(steps); at++) {
        json_array_append_new(answers, do_step(json_array_get(steps, at), &end));
    }
    return ok(json_pack("{s:o}", "steps", answers));
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
    work.instance = allocate(1, library->instance_size);
    guest_set_memory_limit(has_limit ? (uint32_t)limit : UINT32_MAX);
    int end = run(guest_instantiate, &(struct guest_call){.library = library, .instance = work.instance});
    guest_set_memory_limit(UINT32_MAX);
    return end != 0                       ? refused("NO_INSTANCE", guest_end_text(end))
           : strcmp(op, "kept_view") == 0 ? keep_view(in)
                                          : do_steps(json_object_get(in, "steps"));
}

json_t *raw(const struct library *library, const char *op, const json_t *in) {
    if (strcmp(op, "raw_module") != 0) { return on_instance(library, op, in); }
    struct signer_bytes wasm = bytes_from(json_object_get(in, "wasm"));
    work.sent = compile(wasm.bytes, wasm.len, MAX_SECONDS);
    return work.sent->library == NULL ? refused("MODULE_REFUSED", work.sent->refused)
                                      : on_instance(work.sent->library, op, in);
}

void raw_end(void) {
    if (work.instance != NULL) { work.library->free(work.instance); }
    if (work.sent != NULL) { compiled_unload(work.sent); }
    memset(&work, 0, sizeof work);
}
