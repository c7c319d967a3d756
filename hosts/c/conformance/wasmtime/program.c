#include "program.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "files.h"
#include "raw.h"
#include "wire.h"

/* What a program writes. Wasmtime may write it from threads of its own, so it is not in the memory of files.h. */
struct output {
    pthread_mutex_t lock;
    unsigned char *bytes;
    size_t len, room;
    bool is_too_long;
};

static struct output out = {.lock = PTHREAD_MUTEX_INITIALIZER}, err = {.lock = PTHREAD_MUTEX_INITIALIZER};
/* What the program is given, while it is being made; NULL if the instance is no program. */
static const json_t *given;

static ptrdiff_t add(void *output_, const unsigned char *bytes, size_t len) {
    struct output *output = output_;
    ptrdiff_t written = -ENOSPC;
    pthread_mutex_lock(&output->lock);
    size_t needed = output->len + len;
    if (needed > MAX_LINE_LEN / 2) {
        output->is_too_long = true; /* in hex it would not fit a line */
    } else if (needed > output->room) {
        unsigned char *larger = realloc(output->bytes, 2 * needed);
        output->bytes = larger == NULL ? output->bytes : larger;
        output->room = larger == NULL ? output->room : 2 * needed;
    }
    if (!output->is_too_long && needed <= output->room) {
        if (len > 0) { memcpy(output->bytes + output->len, bytes, len); }
        output->len = needed;
        written = (ptrdiff_t)len;
    }
    pthread_mutex_unlock(&output->lock);
    return written;
}

static json_t *written(const struct output *output) {
    if (output->is_too_long) { fail_with("the program wrote more than a line of an answer can have"); }
    return hex_of(output->bytes, output->len);
}

/* A text without U+0000, which C would end at. */
static const char *text_from(const json_t *text, const char *what) {
    if (!json_is_string(text) || strlen(json_string_value(text)) != json_string_length(text)) {
        fail_with("%s is text without U+0000", what);
    }
    return json_string_value(text);
}

/* A list of texts; it may be absent. */
static const char **texts_from(const char *field, size_t *count) {
    const json_t *list = json_object_get(given, field);
    if (list != NULL && !json_is_array(list)) { fail_with("%s is a list", field); }
    *count = json_array_size(list);
    const char **texts = allocate(*count, sizeof *texts);
    for (size_t at = 0; at < *count; at++) { texts[at] = text_from(json_array_get(list, at), field); }
    return texts;
}

/* What the program is given, read before there is anything to give back. */
struct settings {
    const char **args, **names, **values;
    /* The folders, and what the program calls them. */
    const char **hosts, **guests;
    size_t arg_count, variable_count, folder_count;
    struct signer_bytes input;
};

static struct settings settings_from(void) {
    struct settings settings;
    settings.args = texts_from("args", &settings.arg_count);
    settings.names = texts_from("env", &settings.variable_count);
    settings.values = allocate(settings.variable_count, sizeof *settings.values);
    for (size_t at = 0; at < settings.variable_count; at++) {
        const char *equals = strchr(settings.names[at], '=');
        if (equals == NULL) { fail_with("a variable is NAME=VALUE"); }
        settings.values[at] = equals + 1;
        settings.names[at] = format("%.*s", (int)(equals - settings.names[at]), settings.names[at]);
    }
    const json_t *folders = json_object_get(given, "dirs");
    settings.folder_count = json_array_size(folders);
    settings.hosts = allocate(settings.folder_count, sizeof *settings.hosts);
    settings.guests = allocate(settings.folder_count, sizeof *settings.guests);
    for (size_t at = 0; at < settings.folder_count; at++) {
        settings.hosts[at] = text_from(json_object_get(json_array_get(folders, at), "host"), "a folder's host");
        settings.guests[at] = text_from(json_object_get(json_array_get(folders, at), "guest"), "a folder's guest");
    }
    settings.input =
        json_object_get(given, "stdin") == NULL ? (struct signer_bytes){NULL, 0} : bytes_field(given, "stdin");
    return settings;
}

/* Opens the folders. False if one can't be. */
static bool open_folders(wasi_config_t *config, const struct settings *settings) {
    size_t at = 0;
    while (at < settings->folder_count &&
           wasi_config_preopen_dir(config, settings->hosts[at], settings->guests[at], true)) {
        at++;
    }
    return at == settings->folder_count;
}

const char *program_define(wasmtime_linker_t *linker, wasmtime_context_t *context) {
    if (given == NULL) { return NULL; }
    struct settings settings = settings_from();
    wasi_config_t *config = wasi_config_new();
    wasm_byte_vec_t input;
    wasm_byte_vec_new(&input, settings.input.len, settings.input.bytes);
    wasi_config_set_stdin_bytes(config, &input);
    wasi_config_set_stdout_custom(config, add, &out, NULL);
    wasi_config_set_stderr_custom(config, add, &err, NULL);
    bool is_set = wasi_config_set_argv(config, settings.arg_count, settings.args) &&
                  wasi_config_set_env(config, settings.variable_count, settings.names, settings.values) &&
                  open_folders(config, &settings);
    if (!is_set) {
        wasi_config_delete(config);
        fail_with("wasmtime's WASI refuses what it is given");
    }
    wasmtime_error_t *error = wasmtime_context_set_wasi(context, config);
    if (error == NULL) { error = wasmtime_linker_define_wasi(linker); }
    return error == NULL ? NULL : error_text(error);
}

static struct end call_first(const char *name, json_t *answers) {
    return raw_steps(json_pack("[{s:s, s:s}]", "do", "call", "export", name), answers, false);
}

json_t *program(const struct library *library, const json_t *in) {
    const json_t *steps = json_object_get(in, "steps");
    json_t *refusal = NULL, *answers = json_array();
    library = raw_library(library, in, &refusal);
    if (library == NULL) { return refusal; }
    given = in;
    const char *why = instance_make(library, (struct limits){.max_pages = UINT32_MAX});
    if (why != NULL) { return refused("NO_INSTANCE", why); }
    struct end end = call_first(steps == NULL ? "_start" : "_initialize", answers);
    if (steps != NULL && end.kind == END_TRAPPED) { return refused("NO_INSTANCE", end.text); }
    if (steps == NULL && json_object_get(json_array_get(answers, 0), "error") != NULL) {
        fail_with("_start can't be called");
    }
    if (steps != NULL) { json_array_clear(answers); }
    if (steps != NULL && end.kind == END_RETURNED) {
        end = raw_steps(steps, answers, json_is_true(json_object_get(in, "after_trap")));
    }
    json_t *done = json_object();
    if (end.kind == END_EXITED || (steps == NULL && end.kind == END_RETURNED)) {
        json_object_set_new(done, "exit_code", json_integer(end.exit_code));
    }
    json_object_set_new(done, "stdout", written(&out));
    json_object_set_new(done, "stderr", written(&err));
    if (steps != NULL) { json_object_set_new(done, "steps", answers); }
    return ok(done);
}

static void forget(struct output *output) {
    free(output->bytes);
    output->bytes = NULL;
    output->len = output->room = 0;
    output->is_too_long = false;
}

void program_end(void) {
    forget(&out);
    forget(&err);
    given = NULL;
}
