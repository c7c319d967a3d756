/*
 * The adapter: the runner asks it, it asks the wrapper. hosts/CONTRACT.md is the contract.
 *
 * It reads one JSON object a line, answers each with one line, and ends when its input does. It never judges.
 */
#include <string.h>
#include <sys/utsname.h>

#include "files.h"
#include "loaded.h"
#include "wire.h"

enum { PROTOCOL = 1 };

/* Loads one module and describes it for the reply to hello. */
static json_t *load(const char *name, const json_t *file) {
    const char *path = json_string_value(json_object_get(file, "path"));
    if (path == NULL) { fail_with("hello: module %s has no path", name); }
    const struct compiled *compiled = loaded_add(name, path, file);
    json_t *operations = compiled->library == NULL ? json_array() : operations_of(compiled->library);
    return json_pack("{s:s, s:o, s:s*}", "sha256", compiled->sha256, "ops", operations, "refused", compiled->refused);
}

static json_t *hello(const json_t *request) {
    json_int_t protocol = json_integer_value(json_object_get(request, "protocol"));
    if (protocol != PROTOCOL) { fail_with("protocol %lld is not spoken here, only %d", (long long)protocol, PROTOCOL); }
    const char *runtime = host_runtime(), *name;
    json_t *described = json_object(), *file;
    loaded_clear();
    json_object_foreach(json_object_get(request, "modules"), name, file) {
        json_object_set_new(described, name, load(name, file));
    }
    keep();
    struct utsname system;
    uname(&system);
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "protocol", PROTOCOL, "host", "c", "version", COMPILER,
                     "runtime", runtime, "os", format("linux/%s", system.machine), "modules", described);
}

static json_t *run(const json_t *request) {
    const char *name = json_string_value(json_object_get(request, "module"));
    const char *op = json_string_value(json_object_get(request, "op"));
    const struct compiled *loaded = loaded_find(name);
    json_t *answer = loaded == NULL            ? unsupported(format("hello gave no module %.500s", name))
                     : loaded->library == NULL ? unsupported(format("%.100s was refused: %s", name, loaded->refused))
                                               : operate(loaded->library, op, json_object_get(request, "in"));
    json_object_set(answer, "seq", json_object_get(request, "seq"));
    return answer;
}

static json_t *reply(const char *line, size_t len) {
    json_error_t problem;
    json_t *request = json_loadb(line, len, JSON_ALLOW_NUL, &problem);
    const char *command = json_string_value(json_object_get(request, "cmd"));
    if (request == NULL) {
        /* What the text says after "near" may be a line of 64 MiB, or no UTF-8. */
        const char *near = strstr(problem.text, " near");
        int text_len = near == NULL ? (int)strlen(problem.text) : (int)(near - problem.text);
        fail_with("not JSON: %.*s at byte %d", text_len, problem.text, problem.position);
    }
    if (!json_is_object(request)) { fail_with("a request is a JSON object"); }
    if (command != NULL && strcmp(command, "hello") == 0 && json_is_object(json_object_get(request, "modules"))) {
        return hello(request);
    }
    if (command != NULL && strcmp(command, "run") == 0 && json_object_get(request, "seq") != NULL &&
        json_is_string(json_object_get(request, "module")) && json_is_string(json_object_get(request, "op")) &&
        json_is_object(json_object_get(request, "in"))) {
        return run(request);
    }
    fail_with("a request that is neither hello nor run");
}

int main(void) {
    int status = serve("c adapter", reply);
    loaded_clear();
    return status;
}
