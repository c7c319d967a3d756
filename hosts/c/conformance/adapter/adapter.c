/*
 * The adapter: the runner asks it, it asks the wrapper. hosts/CONTRACT.md is the contract.
 *
 * It reads one JSON object a line, answers each with one line, and ends when its input does. It never judges.
 */
#include <string.h>
#include <sys/utsname.h>

#include "compiler.h"
#include "files.h"
#include "operations.h"
#include "wire.h"

enum { PROTOCOL = 1 };

/* Loads one module and describes it for the reply to hello; NULL, with a text in *error, if hello cannot be followed.
 */
static json_t *load(const char *name, const json_t *file, char **error)
{
    const char *path = json_string_value(json_object_get(file, "path"));
    if (path == NULL) {
        *error = format("hello: module %s has no path", name);
        return NULL;
    }
    const struct loaded *loaded = loaded_add(name, path, error);
    if (loaded == NULL) {
        return NULL;
    }
    const struct compiled *compiled = &loaded->compiled;
    if (compiled->refused != NULL) {
        return json_pack("{s:s, s:[], s:s}", "sha256", compiled->sha256, "ops", "refused", compiled->refused);
    }
    return json_pack("{s:s, s:o}", "sha256", compiled->sha256, "ops", operations_of(compiled->library));
}

static json_t *hello(const json_t *request, char **error)
{
    json_int_t protocol = json_integer_value(json_object_get(request, "protocol"));
    if (protocol != PROTOCOL) {
        *error = format("protocol %lld is not spoken here, only %d", (long long)protocol, PROTOCOL);
        return NULL;
    }
    if (compiler_runtime() == NULL) {
        *error = format("wasm2c or the C compiler is missing; hosts/c/setup.sh says what to do");
        return NULL;
    }
    loaded_clear();
    json_t *described = json_object();
    const char *name;
    json_t *file;
    json_object_foreach(json_object_get(request, "modules"), name, file)
    {
        json_t *description = load(name, file, error);
        if (description == NULL) {
            json_decref(described);
            return NULL;
        }
        json_object_set_new(described, name, description);
    }
    struct utsname system;
    uname(&system);
    char *os = format("linux/%s", system.machine);
    json_t *reply = json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "protocol", PROTOCOL, "host", "c", "version", COMPILER,
                              "runtime", compiler_runtime(), "os", os, "modules", described);
    free(os);
    return reply;
}

static json_t *run(const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "module"));
    const char *op = json_string_value(json_object_get(request, "op"));
    const struct loaded *loaded = loaded_find(name);
    json_t *answer = NULL;
    if (loaded == NULL) {
        unsupported("hello gave no module %s", name);
    } else if (loaded->compiled.library == NULL) {
        unsupported("%s was refused: %s", name, loaded->compiled.refused);
    } else {
        answer = operate(loaded->compiled.library, op, json_object_get(request, "in"));
    }
    answer = answer == NULL ? unsupported_answer() : answer;
    json_object_set(answer, "seq", json_object_get(request, "seq"));
    return answer;
}

/* The reply to one line; NULL, with a text in *error, if it is not a request. */
static json_t *reply(const char *line, size_t len, char **error)
{
    json_error_t problem;
    json_t *request = json_loadb(line, len, JSON_ALLOW_NUL, &problem);
    const char *command = json_string_value(json_object_get(request, "cmd"));
    json_t *answer = NULL;
    if (request == NULL) {
        /* What the text says after "near" may be a line of 64 MiB, or no UTF-8. */
        const char *near = strstr(problem.text, " near");
        int text_len = near == NULL ? (int)strlen(problem.text) : (int)(near - problem.text);
        *error = format("not JSON: %.*s at byte %d", text_len, problem.text, problem.position);
    } else if (!json_is_object(request)) {
        *error = format("a request is a JSON object");
    } else if (command != NULL && strcmp(command, "hello") == 0 &&
               json_is_object(json_object_get(request, "modules"))) {
        answer = hello(request, error);
    } else if (command != NULL && strcmp(command, "run") == 0 && json_object_get(request, "seq") != NULL &&
               json_is_string(json_object_get(request, "module")) && json_is_string(json_object_get(request, "op")) &&
               json_is_object(json_object_get(request, "in"))) {
        answer = run(request);
    } else {
        *error = format("a request that is neither hello nor run");
    }
    json_decref(request);
    return answer;
}

int main(void)
{
    int status = serve("c adapter", reply);
    loaded_clear();
    return status;
}
