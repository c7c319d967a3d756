#define _GNU_SOURCE

#include "compiler.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binding.h"
#include "files.h"
#include "process.h"

/* The Makefile defines these. HOST_DIR is its folder; flags are strings, each with a comma after it; MAKERS is the hash
 * of all that a library is made by beside the tools: flags, and the sources of this program and of the library. */
#ifndef HOST_DIR
#error "HOST_DIR is missing: build by the Makefile"
#endif
#define SIGNER_DIR HOST_DIR "/signer"
#define ADAPTER_DIR HOST_DIR "/conformance/adapter"
#define WASM2C_DIR HOST_DIR "/conformance/wasm2c"
#define LIBRARY_FLAGS "-fPIC", "-shared", "-Wl,-Bsymbolic", "-I.", "-I" SIGNER_DIR, "-I" ADAPTER_DIR, "-I" WASM2C_DIR,

enum { KEPT_DAYS = 30 };

/* "wasm2c 1.0.32", and what tells libraries of other tools apart. */
static char runtime[64], recipe[512];

static int first_line_len(const char *text) { return (int)strcspn(text, "\n"); }

const char *host_runtime(void) {
    const char *wasm2c, *cc;
    if (runtime[0] == 0) {
        if (process_run((const char *const[]){"wasm2c", "--version", NULL}, NULL, COMPILE_SECONDS, &wasm2c) != 0 ||
            process_run((const char *const[]){MODULE_CC, "--version", NULL}, NULL, COMPILE_SECONDS, &cc) != 0) {
            fail_with("wasm2c or the C compiler is missing; hosts/c/setup.sh says what to do");
        }
        snprintf(runtime, sizeof runtime, "wasm2c %.*s", first_line_len(wasm2c), wasm2c);
        snprintf(recipe, sizeof recipe, "%s; %.*s; %s", runtime, first_line_len(cc), cc, MAKERS);
    }
    return runtime;
}

/* The first line of a tool's complaint, with the tool's name. */
static const char *complaint(const char *tool, int status, const char *text) {
    int len = first_line_len(text);
    if (len > 0) {
        bool is_named = strncmp(text, tool, strlen(tool)) == 0;
        return format("%s%s%.*s", is_named ? "" : tool, is_named ? "" : ": ", len, text);
    }
    return status < 0 ? format("%s was ended by signal %d (%s)", tool, -status, strsignal(-status))
                      : format("%s ended with status %d and said nothing", tool, status);
}

/* wasm2c 1.0.32 aborts without a word where a module has SIMD; wasm-validate tells where it is. */
static const char *translate(const char *dir, const struct binding_names *names, unsigned seconds) {
    const char *wasm = format("%s.wasm", names->file), *c = format("%s.c", names->file), *text, *found;
    const char *command[] = {"wasm2c", "--enable-multi-memory", "--module-name", names->module, "--output", c, wasm,
                             NULL};
    const char *const validate[] = {"wasm-validate", wasm, NULL};
    const char *const without_simd[] = {"wasm-validate", "--disable-simd", wasm, NULL};
    int status = process_run(command, dir, seconds, &text);
    const char *why = status == 0 ? NULL : complaint("wasm2c", status, text);
    bool has_simd = status == -SIGABRT && process_run(validate, dir, seconds, &found) == 0 &&
                    process_run(without_simd, dir, seconds, &found) > 0;
    return !has_simd
               ? why
               : format("%s; the module uses SIMD, which it cannot translate (wasm-validate --disable-simd: %.*s)", why,
                        first_line_len(found), found);
}

/* The translated module is compiled by itself: with sanitizers, which are for what we wrote, it would take a minute. */
static const char *compile_c(const char *dir, const struct binding_names *names, unsigned seconds) {
    const char *c = format("%s.c", names->file), *text;
    const char *wrappers[3];
    for (size_t at = 0; at < 3; at++) {
        wrappers[at] = names->wrappers[at] == NULL ? NULL : format(SIGNER_DIR "/%s", names->wrappers[at]);
    }
    const char *module[] = {MODULE_CC, MODULE_CFLAGS "-w", "-fPIC", "-I" SIGNER_DIR, "-c", c, "-o", "module.o", NULL};
    const char *library[] = {MODULE_CC,    WRAPPER_CFLAGS LIBRARY_FLAGS "-o",
                             "library.so", "binding.c",
                             "module.o",   "-lm",
                             wrappers[0],  wrappers[1],
                             wrappers[2],  NULL};
    int status = process_run(module, dir, seconds, &text);
    status = status != 0 ? status : process_run(library, dir, seconds, &text);
    return status == 0 ? NULL : complaint(MODULE_CC, status, text);
}

static bool write_sources(const char *dir, const struct module *module, const struct binding_names *names) {
    size_t len;
    unsigned char *copy = module_copy(module, &len);
    FILE *binding = fopen(format("%s/binding.c", dir), "w");
    if (binding == NULL) { return false; }
    binding_write(binding, module);
    bool is_written = !ferror(binding);
    is_written = fclose(binding) == 0 && is_written;
    return is_written && file_write(format("%s/%s.wasm", dir, names->file), copy, len);
}

/* Makes the library in a folder of its own and then moves it to where it is kept, so that no other adapter ever finds
 * half of one. Returns why the module is refused, or NULL. */
static const char *make_library(const char *cache, const char *kept, const struct module *module, unsigned seconds) {
    struct binding_names names = binding_names_of(module);
    const char *refused = NULL, *error = NULL;
    char *dir = format("%s/making-XXXXXX", cache), *made;
    if (mkdtemp(dir) == NULL) { fail_with("cannot make a folder in %s: %s", cache, strerror(errno)); }
    if (!write_sources(dir, module, &names)) {
        error = format("cannot write to %s: %s", dir, strerror(errno));
    } else if ((refused = translate(dir, &names, seconds)) == NULL &&
               (refused = compile_c(dir, &names, seconds)) == NULL &&
               rename(made = format("%s/library.so", dir), kept) != 0) {
        error = format("cannot move %s to %s: %s", made, kept, strerror(errno));
    }
    folder_remove(dir);
    if (error != NULL) { fail_with("%s", error); }
    return refused;
}

/* Returns why the library cannot be loaded, or NULL. */
static const char *load(struct compiled *compiled, const char *path, struct module *module) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct library *made = handle == NULL ? NULL : dlsym(handle, "library");
    if (made == NULL) { return format("what was compiled cannot be loaded: %s", dlerror()); }
    for (size_t at = 0; at < module->function_count; at++) { module->functions[at].call = made->calls[at]; }
    compiled->library = allocate(1, sizeof *made);
    *compiled->library = *made;
    compiled->library->module = module;
    compiled->library->handle = handle;
    made->init();
    return NULL;
}

struct compiled *compile(const unsigned char *wasm, size_t len, unsigned seconds, const json_t *file) {
    (void)file; /* wasm2c has no components, of which it would have the types */
    struct compiled *compiled = allocate(1, sizeof *compiled);
    struct module *module = allocate(1, sizeof *module);
    host_runtime();
    compiled->refused = module_read(module, wasm, len);
    if (compiled->refused != NULL) { return compiled; }
    char key[65];
    sha256_hex(wasm, len, key);
    const char *cache = cache_folder(), *all = format("%s; %s", key, recipe);
    sha256_hex(all, strlen(all), key);
    const char *kept = format("%s/%s.so", cache, key);
    if (access(kept, R_OK) == 0) {
        file_touch(kept);
    } else {
        folder_prune(cache, KEPT_DAYS);
        compiled->refused = make_library(cache, kept, module, seconds);
    }
    if (compiled->refused == NULL) { compiled->refused = load(compiled, kept, module); }
    return compiled;
}

void library_unload(struct library *library) {
    if (library != NULL) { dlclose(library->handle); }
}

void guest_instantiate(void *call_) {
    const struct guest_call *call = call_;
    call->library->instantiate(call->instance);
}

void guest_call_export(void *call_) {
    const struct guest_call *call = call_;
    call->function->call(call->instance, call->params, call->results);
}

const struct module_function *library_function(const struct library *library, const char *name) {
    return module_function(library->module, name, strlen(name));
}
