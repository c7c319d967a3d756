/* Writes the copy of a module that has no text of its own: see module_copy in module.h. */
#include <string.h>

#include "abi.h"
#include "files.h"

enum { IMPORT = 2, EXPORT = 7 };

struct writer {
    unsigned char *bytes;
    size_t len, room;
};

static void write_bytes(struct writer *to, const void *bytes, size_t len) {
    if (to->room - to->len < len) {
        to->room = 2 * to->room + len + 64;
        unsigned char *larger = allocate(to->room, 1);
        memcpy(larger, to->len == 0 ? (const void *)"" : to->bytes, to->len);
        to->bytes = larger;
    }
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

static void write_byte(struct writer *to, unsigned char byte) { write_bytes(to, &byte, 1); }

static void write_number(struct writer *to, uint32_t number) {
    for (; number > 127; number >>= 7) { write_byte(to, (unsigned char)(number | 128)); }
    write_byte(to, (unsigned char)number);
}

static void write_section(struct writer *to, unsigned char id, const unsigned char *bytes, size_t len) {
    write_byte(to, id);
    write_number(to, (uint32_t)len);
    write_bytes(to, bytes, len);
}

static void write_name(struct writer *to, const char *name) {
    write_number(to, (uint32_t)strlen(name));
    write_bytes(to, name, strlen(name));
}

static void write_imports(struct writer *to, const struct module *module) {
    struct writer section = {.bytes = NULL};
    write_number(&section, (uint32_t)module->import_count);
    for (size_t at = 0; at < module->import_count; at++) {
        write_name(&section, "host");
        write_name(&section, format("import%zu", at));
        write_bytes(&section, module->imports[at].description.at, module->imports[at].description.len);
    }
    write_section(to, IMPORT, section.bytes, section.len);
}

static void write_export(struct writer *to, const char *name, unsigned char kind, uint32_t index) {
    write_name(to, name);
    write_byte(to, kind);
    write_number(to, index);
}

static void write_exports(struct writer *to, const struct module *module) {
    struct writer exports = {.bytes = NULL};
    uint32_t count = 0;
    if (module->has_memory) {
        write_export(&exports, "memory", KIND_MEMORY, module->memory);
        count++;
    }
    for (size_t at = 0; at < module->function_count; at++) {
        write_export(&exports, format("export%zu", at), KIND_FUNCTION, module->functions[at].index);
        count++;
    }
    for (size_t at = 0; at < module->global_count; at++) {
        write_export(&exports, format("global%zu", at), KIND_GLOBAL, (uint32_t)module->globals[at].index);
        count++;
    }
    for (const struct abi_function *function = abi_functions(abi_kind(module)); function->name != NULL; function++) {
        const struct module_function *found = abi_find(module, function);
        if (found != NULL) {
            write_export(&exports, function->name, KIND_FUNCTION, found->index);
            count++;
        }
    }
    struct writer section = {.bytes = NULL};
    write_number(&section, count);
    if (count > 0) { write_bytes(&section, exports.bytes, exports.len); }
    write_section(to, EXPORT, section.bytes, section.len);
}

unsigned char *module_copy(const struct module *module, size_t *len) {
    static const unsigned char order[] = {1, IMPORT, 3, 4, 5, 13, 6, EXPORT, 8, 9, 12, 10, 11};
    struct writer to = {.bytes = NULL};
    write_bytes(&to, "\0asm\1\0\0", 8);
    for (size_t at = 0; at < sizeof order; at++) {
        const struct module_bytes *section = &module->sections[order[at]];
        if (order[at] == EXPORT) {
            write_exports(&to, module);
        } else if (order[at] == IMPORT) {
            write_imports(&to, module);
        } else if (section->at != NULL) {
            write_section(&to, order[at], section->at, section->len);
        }
    }
    *len = to.len;
    return to.bytes;
}
