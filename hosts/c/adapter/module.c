/* A reader of the sections of a .wasm file that say what it exports. See module.h. */
#include "module.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SECTION_TYPE = 1, SECTION_IMPORT = 2, SECTION_FUNCTION = 3, SECTION_EXPORT = 7 };
enum { KIND_FUNCTION = 0, KIND_TABLE = 1, KIND_MEMORY = 2, KIND_GLOBAL = 3, KIND_TAG = 4 };

/* Reads forwards. Once something was not there, `failed` stays set, and every number is 0. */
struct reader {
    const unsigned char *at, *end;
    bool failed;
};

struct func_type {
    const char *params, *results;
};

/* The types, and the type of every function, imported ones first. */
struct tables {
    struct func_type *types;
    size_t type_count;
    uint32_t *functions;
    size_t function_count;
};

static unsigned char read_byte(struct reader *reader)
{
    if (reader->failed || reader->at == reader->end) {
        reader->failed = true;
        return 0;
    }
    return *reader->at++;
}

/* LEB128; 64 bits are enough for every number here. */
static uint64_t read_number(struct reader *reader)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned char byte = read_byte(reader);
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            return number;
        }
    }
    reader->failed = true;
    return 0;
}

/* A number of things that take a byte or more each: it cannot be greater than what is left. */
static size_t read_count(struct reader *reader)
{
    uint64_t count = read_number(reader);
    if (count > (uint64_t)(reader->end - reader->at)) {
        reader->failed = true;
    }
    return reader->failed ? 0 : (size_t)count;
}

static void *checked(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* A string that module_free frees. */
static char *own(struct module *module, char *string)
{
    module->owned = checked(realloc(module->owned, (module->owned_count + 1) * sizeof *module->owned));
    module->owned[module->owned_count++] = string;
    return string;
}

/* A name, or NULL where it has a NUL in it. */
static char *read_name(struct module *module, struct reader *reader)
{
    size_t len = read_count(reader);
    const unsigned char *from = reader->at;
    reader->at += len;
    if (memchr(from, 0, len) != NULL) {
        return NULL;
    }
    char *name = own(module, checked(malloc(len + 1)));
    memcpy(name, from, len);
    name[len] = 0;
    return name;
}

static char *read_types(struct module *module, struct reader *reader)
{
    size_t count = read_count(reader);
    char *types = own(module, checked(calloc(count + 1, 1)));
    for (size_t at = 0; at < count; at++) {
        switch (read_byte(reader)) {
        case 0x7f:
            types[at] = 'i';
            break;
        case 0x7e:
            types[at] = 'j';
            break;
        case 0x7d:
            types[at] = 'f';
            break;
        case 0x7c:
            types[at] = 'd';
            break;
        default:
            types[at] = '?';
        }
    }
    return types;
}

static void skip_limits(struct reader *reader)
{
    uint64_t flags = read_number(reader);
    read_number(reader);
    if (flags & 1) {
        read_number(reader);
    }
}

static void add_function(struct tables *tables, uint64_t type)
{
    tables->functions = checked(realloc(tables->functions, (tables->function_count + 1) * sizeof *tables->functions));
    tables->functions[tables->function_count++] = (uint32_t)type;
}

static void read_type_section(struct module *module, struct tables *tables, struct reader *reader)
{
    free(tables->types); /* a module may not have a second section of types, but nobody has checked that */
    tables->type_count = read_count(reader);
    tables->types = checked(calloc(tables->type_count + 1, sizeof *tables->types));
    for (size_t at = 0; at < tables->type_count; at++) {
        if (read_byte(reader) != 0x60) {
            reader->failed = true;
        }
        tables->types[at].params = read_types(module, reader);
        tables->types[at].results = read_types(module, reader);
    }
}

static void read_import(struct module *module, struct tables *tables, struct reader *reader)
{
    const char *from = read_name(module, reader);
    const char *name = read_name(module, reader);
    from = from == NULL ? "?" : from;
    name = name == NULL ? "?" : name;
    char *both = own(module, checked(malloc(strlen(from) + strlen(name) + 2)));
    strcat(strcat(strcpy(both, from), "."), name);
    module->imports = checked(realloc(module->imports, (module->import_count + 1) * sizeof *module->imports));
    module->imports[module->import_count++] = both;
    switch (read_byte(reader)) {
    case KIND_FUNCTION:
        add_function(tables, read_number(reader));
        break;
    case KIND_TABLE:
        read_byte(reader);
        skip_limits(reader);
        break;
    case KIND_MEMORY:
        skip_limits(reader);
        break;
    case KIND_GLOBAL:
        read_byte(reader);
        read_byte(reader);
        break;
    case KIND_TAG:
        read_byte(reader);
        read_number(reader);
        break;
    default:
        reader->failed = true;
    }
}

static void read_export(struct module *module, const struct tables *tables, struct reader *reader)
{
    char *name = read_name(module, reader);
    unsigned char kind = read_byte(reader);
    uint64_t index = read_number(reader);
    if (kind == KIND_MEMORY && module->memory == NULL) {
        module->memory = name;
    }
    if (kind != KIND_FUNCTION || name == NULL) {
        return;
    }
    if (index >= tables->function_count || tables->functions[index] >= tables->type_count) {
        reader->failed = true;
        return;
    }
    const struct func_type *type = &tables->types[tables->functions[index]];
    module->functions = checked(realloc(module->functions, (module->function_count + 1) * sizeof *module->functions));
    module->functions[module->function_count++] = (struct module_function){name, type->params, type->results};
}

static void read_section(struct module *module, struct tables *tables, unsigned char id, struct reader *reader)
{
    if (id == SECTION_TYPE) {
        read_type_section(module, tables, reader);
        return;
    }
    if (id != SECTION_IMPORT && id != SECTION_FUNCTION && id != SECTION_EXPORT) {
        reader->at = reader->end;
        return;
    }
    size_t count = read_count(reader);
    for (size_t at = 0; at < count && !reader->failed; at++) {
        if (id == SECTION_IMPORT) {
            read_import(module, tables, reader);
        } else if (id == SECTION_FUNCTION) {
            add_function(tables, read_number(reader));
        } else {
            read_export(module, tables, reader);
        }
    }
}

bool module_read(struct module *module, const unsigned char *bytes, size_t len)
{
    *module = (struct module){.imports = NULL};
    static const unsigned char magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    if (len < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0) {
        return false;
    }
    struct tables tables = {.types = NULL};
    struct reader file = {.at = bytes + sizeof magic, .end = bytes + len};
    while (!file.failed && file.at < file.end) {
        unsigned char id = read_byte(&file);
        size_t section_len = read_count(&file);
        struct reader section = {.at = file.at, .end = file.at + section_len, .failed = file.failed};
        file.at += section_len;
        read_section(module, &tables, id, &section);
        file.failed = file.failed || section.failed;
    }
    free(tables.types);
    free(tables.functions);
    return !file.failed;
}

void module_free(struct module *module)
{
    for (size_t at = 0; at < module->owned_count; at++) {
        free(module->owned[at]);
    }
    free(module->owned);
    free(module->imports);
    free(module->functions);
    *module = (struct module){.imports = NULL};
}

const struct module_function *module_function(const struct module *module, const char *name)
{
    for (size_t at = 0; at < module->function_count; at++) {
        if (strcmp(module->functions[at].name, name) == 0) {
            return &module->functions[at];
        }
    }
    return NULL;
}

static bool has_all(const struct module *module, const struct module_function *wanted, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        const struct module_function *found = module_function(module, wanted[at].name);
        if (found == NULL || strcmp(found->params, wanted[at].params) != 0 ||
            strcmp(found->results, wanted[at].results) != 0) {
            return false;
        }
    }
    return true;
}

bool module_is_signer(const struct module *module)
{
    static const struct module_function exports[] = {
        {"abi_version", "", "i"},
        {"max_message_len", "", "i"},
        {"get_signing_key_ptr", "", "i"},
        {"get_signature_ptr", "", "i"},
        {"get_public_key_ptr", "", "i"},
        {"allocate_message", "i", "i"},
        {"sign", "", ""},
        {"sign_loaded", "", "i"},
        {"derive_public_key", "", "i"},
        {"load_key", "", "i"},
        {"wipe", "", ""},
    };
    return module->memory != NULL && strcmp(module->memory, "memory") == 0 &&
           has_all(module, exports, sizeof exports / sizeof *exports);
}

bool module_is_adder(const struct module *module)
{
    static const struct module_function exports[] = {{"add_numbers", "ii", "i"}, {"divide_numbers", "ii", "i"}};
    return has_all(module, exports, sizeof exports / sizeof *exports);
}
