#define _GNU_SOURCE

#include "compiler.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binding.h"
#include "files.h"
#include "module.h"
#include "process.h"

/* The Makefile defines these. HOST_DIR is its folder; flags are strings, each with a comma after it. */
#ifndef HOST_DIR
#error "HOST_DIR is missing: build by the Makefile"
#endif
#define SIGNER_DIR HOST_DIR "/signer"
#define ADAPTER_DIR HOST_DIR "/conformance/adapter"

#define TEXT(...) #__VA_ARGS__
#define TEXT_OF(MACRO) TEXT(MACRO)

enum { KEPT_DAYS = 30 };

void sha256_hex(const void *bytes, size_t len, char hex[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(bytes, len, digest);
    for (size_t at = 0; at < sizeof digest; at++) {
        snprintf(hex + 2 * at, 3, "%02x", digest[at]);
    }
}

/* The first line of what a tool says of its version, which is yours to free; NULL where there is no such tool. */
static char *version_of(const char *tool)
{
    char *text;
    int status = process_run((const char *const[]){tool, "--version", NULL}, NULL, COMPILE_SECONDS, &text);
    if (status != 0 || text == NULL) {
        free(text);
        return NULL;
    }
    text[strcspn(text, "\n")] = 0;
    return text;
}

/* "wasm2c 1.0.32", and what the C compiler says of itself; NULL where one of them is missing. */
static char *wasm2c_runtime, *cc_version;

const char *compiler_runtime(void)
{
    if (wasm2c_runtime == NULL) {
        char *wasm2c = version_of("wasm2c");
        cc_version = version_of(MODULE_CC);
        if (wasm2c != NULL && cc_version != NULL) {
            wasm2c_runtime = format("wasm2c %s", wasm2c);
        }
        free(wasm2c);
    }
    return wasm2c_runtime;
}

/* What a library is made of beside the module: the tools with their flags, the sources of this program that say how
 * (MAKERS is their hash), and the sources that are compiled with it. */
static const char *recipe(void)
{
    static char *recipe;
    if (recipe != NULL) {
        return recipe;
    }
    static const char *const files[] = {SIGNER_DIR "/signer.c", SIGNER_DIR "/signer.h",  SIGNER_DIR "/adder.c",
                                        SIGNER_DIR "/adder.h",  SIGNER_DIR "/codes.h",   SIGNER_DIR "/guest.h",
                                        SIGNER_DIR "/batch.h",  ADAPTER_DIR "/library.h"};
    char *text = format("%s; %s; %s; %s; %s", compiler_runtime(), cc_version, TEXT_OF((MODULE_CFLAGS)),
                        TEXT_OF((WRAPPER_CFLAGS)), MAKERS);
    for (size_t at = 0; at < sizeof files / sizeof *files; at++) {
        size_t len;
        unsigned char *bytes = file_read(files[at], &len);
        char hex[65] = "missing";
        if (bytes != NULL) {
            sha256_hex(bytes, len, hex);
        }
        free(bytes);
        char *longer = format("%s; %s", text, hex);
        free(text);
        text = longer;
    }
    return recipe = text;
}

/* The first line of a tool's complaint, with the tool's name. */
static char *complaint(const char *tool, int status, const char *text)
{
    int len = text == NULL ? 0 : (int)strcspn(text, "\n");
    if (len > 0) {
        bool is_named = strncmp(text, tool, strlen(tool)) == 0;
        return format("%s%s%.*s", is_named ? "" : tool, is_named ? "" : ": ", len, text);
    }
    return status < 0 ? format("%s was ended by signal %d (%s)", tool, -status, strsignal(-status))
                      : format("%s ended with status %d and said nothing", tool, status);
}

/* wasm2c 1.0.32 aborts without a word where a module has SIMD; wasm-validate tells where it is. */
static char *why_wasm2c_failed(const char *dir, const char *file, unsigned seconds, int status, const char *text)
{
    char *why = complaint("wasm2c", status, text);
    char *found = NULL;
    if (status == -SIGABRT &&
        process_run((const char *const[]){"wasm-validate", file, NULL}, dir, seconds, &found) == 0) {
        free(found);
        if (process_run((const char *const[]){"wasm-validate", "--disable-simd", file, NULL}, dir, seconds, &found) >
            0) {
            char *longer =
                format("%s; the module uses SIMD, which it cannot translate (wasm-validate --disable-simd: %.*s)", why,
                       (int)strcspn(found, "\n"), found);
            free(why);
            why = longer;
        }
    }
    free(found);
    return why;
}

static char *translate(const char *dir, const struct binding_names *names, unsigned seconds)
{
    char *wasm = format("%s.wasm", names->file);
    char *c = format("%s.c", names->file);
    char *text;
    const char *command[] = {"wasm2c", "--enable-multi-memory", "--module-name", names->module, "--output", c, wasm,
                             NULL};
    int status = process_run(command, dir, seconds, &text);
    char *refused = status == 0 ? NULL : why_wasm2c_failed(dir, wasm, seconds, status, text);
    free(text);
    free(wasm);
    free(c);
    return refused;
}

/* The translated module is compiled by itself: with sanitizers, which are for what we wrote, it would take a minute. */
static char *compile_c(const char *dir, const struct binding_names *names, unsigned seconds)
{
    char *c = format("%s.c", names->file);
    char *wrapper = names->wrapper == NULL ? NULL : format(SIGNER_DIR "/%s", names->wrapper);
    const char *module[] = {MODULE_CC, MODULE_CFLAGS "-w", "-fPIC", "-I" SIGNER_DIR, "-c", c, "-o", "module.o", NULL};
    const char *library[] = {
        MODULE_CC, WRAPPER_CFLAGS "-fPIC", "-shared",   "-Wl,-Bsymbolic", "-I.", "-I" SIGNER_DIR, "-I" ADAPTER_DIR,
        "-o",      "library.so",           "binding.c", "module.o",       "-lm", wrapper,         NULL};
    char *text;
    int status = process_run(module, dir, seconds, &text);
    if (status == 0) {
        free(text);
        status = process_run(library, dir, seconds, &text);
    }
    char *refused = status == 0 ? NULL : complaint(MODULE_CC, status, text);
    free(text);
    free(c);
    free(wrapper);
    return refused;
}

static bool write_sources(const char *dir, const struct module *module, const struct binding_names *names)
{
    size_t len;
    unsigned char *copy = module_copy(module, &len);
    char *wasm_path = format("%s/%s.wasm", dir, names->file);
    char *binding_path = format("%s/binding.c", dir);
    bool is_written = file_write(wasm_path, copy, len);
    FILE *binding = is_written ? fopen(binding_path, "w") : NULL;
    if (binding != NULL) {
        binding_write(binding, module);
        is_written = !ferror(binding);
        is_written = fclose(binding) == 0 && is_written;
    }
    free(copy);
    free(wasm_path);
    free(binding_path);
    return binding != NULL && is_written;
}

/* Makes the library in a folder of its own and then moves it to where it is kept, so that no other adapter ever finds
 * half of one. Returns why the module is refused, or NULL; *error is set where it is not the module's fault. */
static char *make_library(const char *cache, const char *kept, const struct module *module, unsigned seconds,
                          char **error)
{
    struct binding_names names = binding_names_of(module);
    char *refused = NULL;
    char *dir = format("%s/making-XXXXXX", cache);
    if (mkdtemp(dir) == NULL) {
        *error = format("cannot make a folder in %s: %s", cache, strerror(errno));
    } else if (!write_sources(dir, module, &names)) {
        *error = format("cannot write to %s: %s", dir, strerror(errno));
    } else {
        refused = translate(dir, &names, seconds);
        refused = refused != NULL ? refused : compile_c(dir, &names, seconds);
    }
    if (*error == NULL && refused == NULL) {
        char *made = format("%s/library.so", dir);
        if (rename(made, kept) != 0) {
            *error = format("cannot move %s to %s: %s", made, kept, strerror(errno));
        }
        free(made);
    }
    folder_remove(dir);
    free(dir);
    return refused;
}

/* What the library has, with the exports of the module that it was made of. */
static struct library *with_exports(const struct library *made, const struct module *module)
{
    struct library *library = allocate(1, sizeof *library);
    struct library_export *exports = allocate(module->export_count, sizeof *exports);
    for (size_t at = 0; at < module->export_count; at++) {
        const struct module_export *export = &module->exports[at];
        const struct module_function *function = &module->functions[export->function];
        exports[at] = (struct library_export){(const char *)export->name.at, export->name.len, function->params,
                                              function->results, made->calls[export->function]};
    }
    *library = *made;
    library->exports = exports;
    library->export_count = module->export_count;
    return library;
}

/* Returns why the library cannot be loaded, or NULL. */
static char *load(struct compiled *compiled, const char *path)
{
    compiled->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct library *made = compiled->handle == NULL ? NULL : dlsym(compiled->handle, "library");
    if (made == NULL) {
        return format("what was compiled cannot be loaded: %s", dlerror());
    }
    compiled->library = with_exports(made, &compiled->module);
    compiled->library->init();
    return NULL;
}

bool compile(struct compiled *compiled, const unsigned char *wasm, size_t len, unsigned seconds, char **error)
{
    *compiled = (struct compiled){.handle = NULL};
    *error = NULL;
    sha256_hex(wasm, len, compiled->sha256);
    if (compiler_runtime() == NULL) {
        *error = format("wasm2c or the C compiler is missing; hosts/c/setup.sh says what to do");
        return false;
    }
    compiled->refused = module_read(&compiled->module, wasm, len);
    if (compiled->refused != NULL) {
        return true;
    }
    char *cache = cache_folder(error);
    if (cache == NULL) {
        compiled_free(compiled);
        return false;
    }
    char *all = format("%s; %s", compiled->sha256, recipe());
    char key[65];
    sha256_hex(all, strlen(all), key);
    char *kept = format("%s/%s.so", cache, key);
    if (access(kept, R_OK) == 0) {
        file_touch(kept);
    } else {
        folder_prune(cache, KEPT_DAYS);
        compiled->refused = make_library(cache, kept, &compiled->module, seconds, error);
    }
    bool is_done = *error == NULL;
    if (is_done && compiled->refused == NULL) {
        compiled->refused = load(compiled, kept);
    }
    free(all);
    free(kept);
    free(cache);
    if (!is_done) {
        compiled_free(compiled);
    }
    return is_done;
}

void compiled_free(struct compiled *compiled)
{
    if (compiled->library != NULL) {
        free(compiled->library->exports);
        free(compiled->library);
    }
    if (compiled->handle != NULL) {
        dlclose(compiled->handle);
    }
    module_free(&compiled->module);
    free(compiled->refused);
    *compiled = (struct compiled){.handle = NULL};
}

const struct library_export *compiled_export(const struct library *library, const char *name, size_t name_len)
{
    for (size_t at = 0; at < library->export_count; at++) {
        if (library->exports[at].name_len == name_len && memcmp(library->exports[at].name, name, name_len) == 0) {
            return &library->exports[at];
        }
    }
    return NULL;
}

static struct loaded *loaded_modules;

const struct loaded *loaded_add(const char *name, const char *path, char **error)
{
    size_t len;
    unsigned char *wasm = file_read(path, &len);
    if (wasm == NULL) {
        *error = format("cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    struct loaded *loaded = allocate(1, sizeof *loaded);
    bool is_done = compile(&loaded->compiled, wasm, len, COMPILE_SECONDS, error);
    free(wasm);
    if (!is_done) {
        free(loaded);
        return NULL;
    }
    loaded->name = format("%s", name);
    loaded->next = loaded_modules;
    return loaded_modules = loaded;
}

const struct loaded *loaded_find(const char *name)
{
    const struct loaded *found = loaded_modules;
    while (found != NULL && strcmp(found->name, name) != 0) {
        found = found->next;
    }
    return found;
}

void loaded_clear(void)
{
    while (loaded_modules != NULL) {
        struct loaded *next = loaded_modules->next;
        compiled_free(&loaded_modules->compiled);
        free(loaded_modules->name);
        free(loaded_modules);
        loaded_modules = next;
    }
}

void guest_instantiate(void *call_)
{
    const struct guest_call *call = call_;
    call->library->instantiate(call->instance);
}

void guest_call_export(void *call_)
{
    const struct guest_call *call = call_;
    call->function->call(call->instance, call->params, call->results);
}
