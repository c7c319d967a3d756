#include "loaded.h"

#include <string.h>

#include "files.h"

static struct compiled *loaded;

static bool is_component(const unsigned char *wasm, size_t len) {
    return len >= 8 && memcmp(wasm, "\0asm\x0d\0\1\0", 8) == 0;
}

const struct compiled *loaded_add(const char *name, const char *path, const json_t *described) {
    size_t len;
    unsigned char *wasm = file_read(path, &len);
    struct compiled *compiled;
    /* That of a component is jco's, and only JavaScript needs it. */
    if (json_object_get(described, "glue") == NULL || is_component(wasm, len)) {
        compiled = compile(wasm, len, COMPILE_SECONDS, described);
    } else {
        compiled = allocate(1, sizeof *compiled);
        compiled->refused = "this host does not run its JavaScript";
    }
    sha256_hex(wasm, len, compiled->sha256);
    compiled->name = format("%s", name);
    compiled->next = loaded;
    return loaded = compiled;
}

const struct compiled *loaded_find(const char *name) {
    const struct compiled *found = loaded;
    while (found != NULL && strcmp(found->name, name) != 0) { found = found->next; }
    return found;
}

void loaded_clear(void) {
    for (; loaded != NULL; loaded = loaded->next) { library_unload(loaded->library); }
}
