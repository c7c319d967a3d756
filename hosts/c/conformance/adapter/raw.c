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

/* One instance and what was called by a name. */
struct instance {
    const struct library *library;
    void *memory_of;
    unsigned deadline_ms;
    struct variable *variables;
};

struct typed_value {
    char type;
    union library_value value;
};

static const wasm_rt_memory_t *memory_of(const struct instance *instance)
{
    static const wasm_rt_memory_t none;
    return instance->library->memory == NULL ? &none : instance->library->memory(instance->memory_of);
}

/* Hex digits, so many of them, as a number. */
static bool bits_from(const char *digits, size_t count, uint64_t *bits)
{
    *bits = 0;
    for (size_t at = 0; at < count; at++) {
        const char *found = digits[at] == 0 ? NULL : strchr("0123456789abcdef", digits[at]);
        if (found == NULL) {
            return false;
        }
        *bits = *bits << 4 | (uint64_t)(found - "0123456789abcdef");
    }
    return digits[count] == 0;
}

static const struct variable *variable(const struct instance *instance, const json_t *name)
{
    const struct variable *found = instance->variables;
    while (found != NULL && !json_equal(found->name, name)) {
        found = found->next;
    }
    return found;
}

/* A value of the protocol. False after `unsupported`. */
static bool value_from(const struct instance *instance, const json_t *written, struct typed_value *value)
{
    const json_t *number = json_object_get(written, "i32");
    const char *i64 = json_string_value(json_object_get(written, "i64"));
    const char *f32 = json_string_value(json_object_get(written, "f32"));
    const char *f64 = json_string_value(json_object_get(written, "f64"));
    const json_t *name = json_object_get(written, "var");
    uint64_t bits;
    char *end;
    if (json_is_integer(number) && json_integer_value(number) >= INT32_MIN && json_integer_value(number) <= INT32_MAX) {
        *value = (struct typed_value){.type = 'i', .value.i32 = (uint32_t)json_integer_value(number)};
        return true;
    }
    if (i64 != NULL && *i64 != 0) {
        errno = 0;
        *value = (struct typed_value){.type = 'j', .value.i64 = (uint64_t)strtoll(i64, &end, 10)};
        if (*end == 0 && errno == 0) {
            return true;
        }
    }
    if (f32 != NULL && bits_from(f32, 8, &bits)) {
        /* As bits: a conversion would change some NaNs. */
        *value = (struct typed_value){.type = 'f', .value.i32 = (uint32_t)bits};
        return true;
    }
    if (f64 != NULL && bits_from(f64, 16, &bits)) {
        *value = (struct typed_value){.type = 'd', .value.i64 = bits};
        return true;
    }
    const struct variable *found = name == NULL ? NULL : variable(instance, name);
    if (found != NULL) {
        /* An offset, if there is one, modulo 2^32. */
        uint32_t plus = (uint32_t)json_integer_value(json_object_get(written, "plus"));
        *value = (struct typed_value){.type = 'i', .value.i32 = found->value + plus};
        return true;
    }
    unsupported("not a value, or a name that no earlier call gave");
    return false;
}

static json_t *value_json(char type, union library_value value)
{
    char text[32];
    switch (type) {
    case 'i':
        return json_pack("{s:I}", "i32", (json_int_t)(int32_t)value.i32);
    case 'j':
        snprintf(text, sizeof text, "%" PRId64, (int64_t)value.i64);
        return json_pack("{s:s}", "i64", text);
    case 'f':
        snprintf(text, sizeof text, "%08" PRIx32, value.i32);
        return json_pack("{s:s}", "f32", text);
    default:
        snprintf(text, sizeof text, "%016" PRIx64, value.i64);
        return json_pack("{s:s}", "f64", text);
    }
}

static json_t *type_mismatch(const char *detail)
{
    return json_pack("{s:s, s:s}", "error", "TYPE_MISMATCH", "detail", detail);
}

/* A step's pointer. If there is none, false, and *answer is the step's; NULL after `unsupported`. */
static bool pointer_from(const struct instance *instance, const json_t *step, uint32_t *ptr, json_t **answer)
{
    struct typed_value value;
    *answer = NULL;
    if (!value_from(instance, json_object_get(step, "ptr"), &value)) {
        return false;
    }
    if (value.type != 'i') {
        *answer = type_mismatch("a pointer is an i32: no memory here has addresses of 64 bits");
        return false;
    }
    *ptr = value.value.i32;
    return true;
}

static json_t *out_of_bounds(void)
{
    return json_pack("{s:s}", "error", "OUT_OF_BOUNDS");
}

/* The answer to what ended a run early: always the last one. */
static json_t *ended(int end)
{
    return end == GUEST_CUT_OFF ? json_pack("{s:s}", "error", "CUT_OFF") : trap(guest_end_text(end));
}

/* The parameters of a call. If there are none that fit, false, and *answer is the step's; NULL after a call of
 * unsupported. */
static bool params_from(const struct instance *instance, const struct library_export *function, const json_t *step,
                        union library_value *params, json_t **answer)
{
    const json_t *args = json_object_get(step, "args");
    size_t count = json_array_size(args);
    bool fits = count == strlen(function->params) && function->call != NULL;
    *answer = NULL;
    for (size_t at = 0; at < count; at++) {
        struct typed_value value;
        if (!value_from(instance, json_array_get(args, at), &value)) {
            return false;
        }
        fits = fits && value.type == function->params[at];
        if (fits) {
            params[at] = value.value;
        }
    }
    if (fits && json_object_get(step, "as") != NULL && function->results[0] != 'i') {
        *answer = type_mismatch("its first result is no i32, which alone can be given a name");
        return false;
    }
    if (!fits) {
        char *detail =
            format("it takes (%.100s) and gives (%.100s), where i is i32, j i64, f f32, d f64, and ? what has "
                   "no form here",
                   function->params, function->results);
        *answer = type_mismatch(detail);
        free(detail);
    }
    return fits;
}

static json_t *do_call(struct instance *instance, const json_t *step, int *end)
{
    const json_t *export = json_object_get(step, "export"), *name = json_object_get(step, "as");
    const struct library_export *function =
        json_is_string(export)
            ? compiled_export(instance->library, json_string_value(export), json_string_length(export))
            : NULL;
    if (function == NULL) {
        return json_pack("{s:s}", "error", "NO_EXPORT");
    }
    json_t *answer;
    size_t result_count = strlen(function->results);
    union library_value *params = request_alloc((strlen(function->params) + 1) * sizeof *params);
    union library_value *results = request_alloc((result_count + 1) * sizeof *results);
    memset(results, 0, (result_count + 1) * sizeof *results);
    if (!params_from(instance, function, step, params, &answer)) {
        return answer;
    }
    struct guest_call call = {instance->library, instance->memory_of, function, params, results};
    *end = instance->deadline_ms != 0 ? guest_run_for(instance->deadline_ms, guest_call_export, &call)
                                      : guest_run(guest_call_export, &call);
    if (*end != 0) {
        return ended(*end);
    }
    if (name != NULL) {
        struct variable *made = request_alloc(sizeof *made);
        *made = (struct variable){.next = instance->variables, .name = name, .value = results[0].i32};
        instance->variables = made;
    }
    json_t *written = json_array();
    for (size_t at = 0; at < result_count; at++) {
        json_array_append_new(written, value_json(function->results[at], results[at]));
    }
    return ok(json_pack("{s:o}", "results", written));
}

static json_t *do_write(const struct instance *instance, const json_t *step)
{
    const wasm_rt_memory_t *memory = memory_of(instance);
    struct signer_bytes bytes;
    json_t *answer;
    uint32_t ptr;
    if (!pointer_from(instance, step, &ptr, &answer)) {
        return answer;
    }
    if (!bytes_from(json_object_get(step, "bytes"), &bytes)) {
        return NULL;
    }
    if (!guest_in_bounds(memory, ptr, bytes.len)) {
        return out_of_bounds();
    }
    if (bytes.len > 0) {
        memcpy(memory->data + ptr, bytes.bytes, bytes.len);
    }
    return ok(json_object());
}

static json_t *do_read(const struct instance *instance, const json_t *step)
{
    const wasm_rt_memory_t *memory = memory_of(instance);
    const json_t *len = json_object_get(step, "len");
    json_t *answer;
    uint32_t ptr;
    if (!pointer_from(instance, step, &ptr, &answer)) {
        return answer;
    }
    if (!json_is_integer(len) || json_integer_value(len) < 0) {
        return unsupported("len is a number of bytes");
    }
    if (!guest_in_bounds(memory, ptr, (uint64_t)json_integer_value(len))) {
        return out_of_bounds();
    }
    size_t count = (size_t)json_integer_value(len);
    if (count > MAX_LINE_LEN / 2) {
        return unsupported("%zu bytes are more than a line of an answer can have", count);
    }
    return ok(json_pack("{s:o}", "bytes", hex_of(count == 0 ? "" : (const void *)(memory->data + ptr), count)));
}

/* One step; *end is set where the guest did not come to its end. */
static json_t *do_step(struct instance *instance, const json_t *step, int *end)
{
    const char *what = json_string_value(json_object_get(step, "do"));
    what = what == NULL ? "without a name" : what;
    if (strcmp(what, "call") == 0) {
        return do_call(instance, step, end);
    }
    if (strcmp(what, "write") == 0) {
        return do_write(instance, step);
    }
    if (strcmp(what, "read") == 0) {
        return do_read(instance, step);
    }
    if (strcmp(what, "pages") == 0) {
        return ok(json_pack("{s:I}", "pages", (json_int_t)memory_of(instance)->pages));
    }
    return unsupported("no such step: %s", what);
}

static json_t *do_steps(struct instance *instance, const json_t *steps)
{
    if (!json_is_array(steps)) {
        return unsupported("steps is an array");
    }
    json_t *answers = json_array();
    int end = 0;
    for (size_t at = 0; end == 0 && at < json_array_size(steps); at++) {
        json_t *answer = do_step(instance, json_array_get(steps, at), &end);
        if (answer == NULL) {
            json_decref(answers);
            return NULL;
        }
        json_array_append_new(answers, answer);
    }
    return ok(json_pack("{s:o}", "steps", answers));
}

/* A pointer into linear memory, kept while it grows. It stays good: guest.c never moves a memory. */
static json_t *keep_view(struct instance *instance, const json_t *in)
{
    json_int_t ptr = json_integer_value(json_object_get(in, "ptr"));
    json_int_t value = json_integer_value(json_object_get(in, "value"));
    const wasm_rt_memory_t *memory = memory_of(instance);
    if (ptr < 0 || ptr > UINT32_MAX || !guest_in_bounds(memory, (uint32_t)ptr, 4)) {
        return out_of_bounds();
    }
    const unsigned char *view = memory->data + ptr;
    union library_value one = {.i32 = 1};
    union library_value stored[2] = {{.i32 = (uint32_t)ptr}, {.i32 = (uint32_t)value}};
    union library_value result;
    struct guest_call call = {instance->library, instance->memory_of, compiled_export(instance->library, "grow", 4),
                              &one, &result};
    int end = guest_run(guest_call_export, &call);
    if (end == 0) {
        call.function = compiled_export(instance->library, "store", 5);
        call.params = stored;
        end = guest_run(guest_call_export, &call);
    }
    return end == 0 ? ok(json_pack("{s:o}", "bytes", hex_of(view, 4))) : ended(end);
}

bool raw_has_view(const struct library *library)
{
    const struct library_export *grow = compiled_export(library, "grow", 4);
    const struct library_export *store = compiled_export(library, "store", 5);
    return library->memory != NULL && grow != NULL && store != NULL && strcmp(grow->params, "i") == 0 &&
           strcmp(grow->results, "i") == 0 && strcmp(store->params, "ii") == 0 && strcmp(store->results, "") == 0;
}

static json_t *on_instance(const struct library *library, const char *op, const json_t *in)
{
    bool has_limit = strcmp(op, "raw_memory_limit") == 0;
    bool has_deadline = strcmp(op, "raw_deadline") == 0;
    json_int_t limit = json_integer_value(json_object_get(in, has_limit ? "max_pages" : "deadline_ms"));
    if ((has_limit || has_deadline) && (limit <= 0 || limit > UINT32_MAX)) {
        return unsupported("max_pages and deadline_ms are greater than 0");
    }
    struct instance instance = {.library = library, .deadline_ms = has_deadline ? (unsigned)limit : 0};
    /* An instance without globals, memory and tables has no size. */
    instance.memory_of = calloc(1, library->instance_size + 1);
    if (instance.memory_of == NULL) {
        return unsupported("no memory for an instance");
    }
    guest_set_memory_limit(has_limit ? (uint32_t)limit : UINT32_MAX);
    struct guest_call call = {.library = library, .instance = instance.memory_of};
    int end = has_deadline ? guest_run_for(instance.deadline_ms, guest_instantiate, &call)
                           : guest_run(guest_instantiate, &call);
    guest_set_memory_limit(UINT32_MAX);
    json_t *answer = end != 0 ? json_pack("{s:s, s:s}", "error", "NO_INSTANCE", "detail", guest_end_text(end))
                     : strcmp(op, "kept_view") == 0 ? keep_view(&instance, in)
                                                    : do_steps(&instance, json_object_get(in, "steps"));
    library->free(instance.memory_of);
    free(instance.memory_of);
    return answer;
}

/* A module that comes with the request. */
static json_t *on_module(const json_t *in)
{
    struct signer_bytes wasm;
    struct compiled compiled;
    char *error;
    if (!bytes_from(json_object_get(in, "wasm"), &wasm)) {
        return NULL;
    }
    if (!compile(&compiled, wasm.bytes, wasm.len, MAX_SECONDS, &error)) {
        unsupported("%s", error);
        free(error);
        return NULL;
    }
    json_t *answer = compiled.library == NULL
                         ? json_pack("{s:s, s:s}", "error", "MODULE_REFUSED", "detail", compiled.refused)
                         : on_instance(compiled.library, "raw", in);
    compiled_free(&compiled);
    return answer;
}

json_t *raw(const struct library *library, const char *op, const json_t *in)
{
    return strcmp(op, "raw_module") == 0 ? on_module(in) : on_instance(library, op, in);
}
