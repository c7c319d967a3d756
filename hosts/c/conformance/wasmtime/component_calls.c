#include "component_calls.h"

#include <string.h>

#include "component.h"
#include "component_lift.h"
#include "component_lower.h"
#include "files.h"
#include "resources.h"
#include "wire.h"

/* The instance, and the arguments and the result of the call that is being made. */
static struct component component;
static wasmtime_component_val_t *args, result;
static size_t arg_count;

static void delete_values(void) {
    for (size_t at = 0; at < arg_count; at++) { wasmtime_component_val_delete(&args[at]); }
    wasmtime_component_val_delete(&result);
    result = (wasmtime_component_val_t){.kind = WASMTIME_COMPONENT_BOOL};
    arg_count = 0;
}

/* Reads the arguments. Returns the step's answer if they do not fit. */
static json_t *args_from(const json_t *params, const json_t *written) {
    if (written != NULL && !json_is_array(written)) { fail_with("args is a list"); }
    if (!json_is_array(params)) { return refused("TYPE_MISMATCH", "a type of it has no form here"); }
    size_t count = json_array_size(params);
    if (json_array_size(written) != count) { return refused("TYPE_MISMATCH", "there are more or fewer parameters"); }
    args = allocate(count, sizeof *args);
    json_t *answer = NULL;
    while (answer == NULL && arg_count < count) {
        arg_count++;
        answer = value_lower(json_array_get(params, arg_count - 1), json_array_get(written, arg_count - 1),
                             &args[arg_count - 1]);
    }
    return answer;
}

static json_t *do_call(const json_t *step) {
    const char *export = json_string_value(json_object_get(step, "export"));
    const json_t *type = export == NULL ? NULL : json_object_get(component.library->types, export);
    const json_t *returned = json_object_get(type, "result");
    wasmtime_component_func_t function;
    if (export == NULL) { fail_with("export is a name"); }
    if (type == NULL || !component_function(&component, export, &function)) { return refused("NO_EXPORT", NULL); }
    json_t *answer = args_from(json_object_get(type, "params"), json_object_get(step, "args"));
    resources_are_passed(answer == NULL);
    if (answer == NULL) {
        const char *why = component_call(&component, &function, args, arg_count, returned == NULL ? NULL : &result);
        answer = why != NULL        ? trap(why)
                 : returned == NULL ? ok(json_object())
                                    : ok(json_pack("{s:o}", "result", value_lift(returned, &result)));
    }
    delete_values();
    return answer;
}

static json_t *do_drop(const json_t *step) {
    struct resource *resource = resource_at(json_object_get(step, "handle"));
    if (!json_is_integer(json_object_get(step, "handle"))) { fail_with("handle is a number"); }
    if (resource == NULL) { return refused("NO_HANDLE", NULL); }
    const char *why = component_drop(&component, resource->handle);
    resource_forget(resource);
    return why == NULL ? ok(json_object()) : trap(why);
}

json_t *component_calls(const struct library *library, const json_t *in) {
    const json_t *steps = json_object_get(in, "steps");
    if (!json_is_array(steps)) { fail_with("steps is an array"); }
    const char *why = component_begin(&component, library);
    if (why != NULL) { return refused("NO_INSTANCE", why); }
    json_t *answers = json_array(), *answer = NULL;
    for (size_t at = 0; at < json_array_size(steps) && json_object_get(answer, "trap") == NULL; at++) {
        const json_t *step = json_array_get(steps, at);
        const char *what = json_string_value(json_object_get(step, "do"));
        what = what == NULL ? "without a name" : what;
        bool is_call = strcmp(what, "call") == 0;
        if (!is_call && strcmp(what, "drop") != 0) { fail_with("a component has no step %.500s", what); }
        answer = is_call ? do_call(step) : do_drop(step);
        json_array_append_new(answers, answer);
    }
    return ok(json_pack("{s:o}", "steps", answers));
}

void component_calls_end(void) {
    delete_values();
    resources_end();
    component_end(&component);
}
