/* The reader of .wasm files. See module.h; copy.c writes the copy. */
#include "module.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { CUSTOM = 0, TYPE = 1, IMPORT = 2, FUNCTION = 3, TABLE = 4, MEMORY = 5, GLOBAL = 6, EXPORT = 7, TAG = 13 };

struct reader {
    const unsigned char *at, *end;
};

struct func_type {
    const char *params, *results;
};

/* A module in the making, and what its exports refer to. */
struct tables {
    struct module *module;
    struct func_type *types;
    size_t type_count;
    /* The type of each function, those that are imported first. */
    const struct func_type **functions;
    uint32_t counts[KIND_COUNT];
};

static _Noreturn void malformed(const char *problem) { fail_with("this host cannot read the module: %s", problem); }

static unsigned char read_byte(struct reader *reader) {
    if (reader->at == reader->end) { malformed("it ends too early"); }
    return *reader->at++;
}

/* LEB128 of 32 bits, in five bytes at most. */
static uint32_t read_number(struct reader *reader) {
    uint32_t number = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        unsigned char byte = read_byte(reader);
        if (shift == 28 && byte > 15) { break; }
        number |= (uint32_t)(byte & 127) << shift;
        if (byte < 128) { return number; }
    }
    malformed("a number has over 32 bits");
}

/* A count of things that take a byte or more each: it cannot be greater than what is left. */
static uint32_t read_count(struct reader *reader) {
    uint32_t count = read_number(reader);
    if (count > (size_t)(reader->end - reader->at)) { malformed("a count or a length is beyond the end"); }
    return count;
}

static struct module_bytes read_bytes(struct reader *reader) {
    size_t len = read_count(reader);
    struct module_bytes bytes = {reader->at, len};
    reader->at += len;
    return bytes;
}

/* The length of the character that begins here, or 0. As Unicode has it: none too long, no surrogates. */
static size_t character_len(const unsigned char *at, size_t left) {
    static const struct {
        unsigned char first, last, second_from, second_to, len;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        size_t len = rows[row].len;
        if (*at < rows[row].first || *at > rows[row].last || len > left) { continue; }
        bool is_right = len == 1 || (at[1] >= rows[row].second_from && at[1] <= rows[row].second_to);
        for (size_t more = 2; more < len; more++) { is_right = is_right && (at[more] & 0xc0) == 0x80; }
        return is_right ? len : 0;
    }
    return 0;
}

static struct module_bytes read_name(struct reader *reader) {
    struct module_bytes name = read_bytes(reader);
    size_t character = 1;
    for (size_t at = 0; at < name.len && character > 0; at += character) {
        character = character_len(name.at + at, name.len - at);
    }
    if (character == 0) { malformed("a name is not UTF-8"); }
    return name;
}

/* The letter of a type, as a string. */
static const char *read_type(struct reader *reader) {
    switch (read_byte(reader)) {
    case 0x7f: return "i";
    case 0x7e: return "j";
    case 0x7d: return "f";
    case 0x7c: return "d";
    case 0x7b: return "o";
    case 0x70: return "r";
    case 0x6f: return "e";
    default: malformed("a value has a type that this host does not know");
    }
}

/* Writes letters to *to, and moves it behind their NUL. */
static const char *read_types(struct reader *reader, char **to) {
    const char *types = *to;
    uint32_t count = read_count(reader);
    for (uint32_t at = 0; at < count; at++) { *(*to)++ = *read_type(reader); }
    *(*to)++ = 0;
    return types;
}

static void read_type_section(struct tables *tables, struct reader *reader) {
    /* Each type takes as many bytes there as its letters and their two NULs take here, or more. */
    char *to = allocate((size_t)(reader->end - reader->at), 1);
    tables->type_count = read_count(reader);
    tables->types = allocate(tables->type_count, sizeof *tables->types);
    for (size_t at = 0; at < tables->type_count; at++) {
        if (read_byte(reader) != 0x60) { malformed("a type has a form that this host does not know"); }
        tables->types[at].params = read_types(reader, &to);
        tables->types[at].results = read_types(reader, &to);
    }
}

/* The type of one more function. */
static const struct func_type *read_function(struct tables *tables, struct reader *reader) {
    uint32_t type = read_number(reader);
    if (type >= tables->type_count) { malformed("a function has a type that is not there"); }
    return tables->functions[tables->counts[KIND_FUNCTION]++] = &tables->types[type];
}

static void read_limits(struct reader *reader, struct extern_type *type) {
    unsigned char flags = read_byte(reader);
    if (flags > 1) { malformed("a memory or a table is of a kind that this host does not know"); }
    type->min = read_number(reader);
    type->max = flags == 1 ? read_number(reader) : NO_MAX;
}

static struct extern_type read_import_type(struct tables *tables, struct reader *reader) {
    struct extern_type type = {.kind = read_byte(reader), .params = "", .results = ""};
    if (type.kind == KIND_FUNCTION) {
        const struct func_type *function = read_function(tables, reader);
        type.params = function->params;
        type.results = function->results;
        return type;
    }
    if (type.kind >= KIND_TAG) { malformed("an import is of a kind that this host does not know"); }
    if (type.kind != KIND_MEMORY) { type.results = read_type(reader); }
    if (type.kind == KIND_GLOBAL) {
        type.is_mutable = read_byte(reader) != 0;
    } else {
        read_limits(reader, &type);
    }
    tables->counts[type.kind]++;
    return type;
}

static void read_import_section(struct tables *tables, struct reader *reader) {
    struct module *module = tables->module;
    module->import_count = read_count(reader);
    module->imports = allocate(module->import_count, sizeof *module->imports);
    for (size_t at = 0; at < module->import_count; at++) {
        struct module_import *import = &module->imports[at];
        import->from = read_name(reader);
        import->name = read_name(reader);
        import->description.at = reader->at;
        import->type = read_import_type(tables, reader);
        import->description.len = (size_t)(reader->at - import->description.at);
    }
}

static void read_function_section(struct tables *tables, struct reader *reader) {
    for (uint32_t left = read_count(reader); left > 0; left--) { read_function(tables, reader); }
}

static int compare_bytes(const void *a_, const void *b_) {
    const struct module_bytes *a = a_, *b = b_;
    int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static bool is_named(struct module_bytes name, const char *text) {
    return name.len == strlen(text) && memcmp(name.at, text, name.len) == 0;
}

static void check_names(struct module_bytes *names, size_t count) {
    qsort(names, count, sizeof *names, compare_bytes);
    for (size_t at = 1; at < count; at++) {
        if (compare_bytes(&names[at - 1], &names[at]) == 0) { malformed("two exports have one name"); }
    }
}

static void add_export(const struct tables *tables, struct module_bytes name, uint32_t index, size_t *known) {
    struct module *module = tables->module;
    const struct func_type *type = tables->functions[index];
    if (*known == 0) {
        module->functions[module->function_count++] =
            (struct module_function){type->params, type->results, index, NULL};
        *known = module->function_count;
    }
    module->exports[module->export_count++] = (struct module_export){name, *known - 1};
}

static void read_export_section(const struct tables *tables, struct reader *reader) {
    struct module *module = tables->module;
    uint32_t count = read_count(reader);
    struct module_bytes *names = allocate(count, sizeof *names);
    /* For each function, one more than its place in module->functions. */
    size_t *known = allocate(tables->counts[KIND_FUNCTION], sizeof *known);
    module->exports = allocate(count, sizeof *module->exports);
    module->globals = allocate(count, sizeof *module->globals);
    module->functions = allocate(count, sizeof *module->functions);
    for (uint32_t at = 0; at < count; at++) {
        names[at] = read_name(reader);
        unsigned char kind = read_byte(reader);
        uint32_t index = read_number(reader);
        if (kind >= KIND_COUNT || index >= tables->counts[kind]) { malformed("an export is of nothing that is there"); }
        if (kind == KIND_FUNCTION) {
            add_export(tables, names[at], index, &known[index]);
        } else if (kind == KIND_GLOBAL) {
            module->globals[module->global_count++] = (struct module_export){names[at], index};
        } else if (kind == KIND_MEMORY && (!module->has_memory || is_named(names[at], "memory"))) {
            module->has_memory = true;
            module->memory_is_named = is_named(names[at], "memory");
            module->memory = index;
        }
    }
    check_names(names, count);
}

/* Reads what is inside a section, to its end if it is read at all. */
static void read_section(struct tables *tables, unsigned char id, struct reader *reader) {
    switch (id) {
    case CUSTOM: read_name(reader); return;
    case TYPE: read_type_section(tables, reader); break;
    case IMPORT: read_import_section(tables, reader); break;
    case FUNCTION: read_function_section(tables, reader); break;
    case EXPORT: read_export_section(tables, reader); break;
    case TABLE:
    case MEMORY:
    case GLOBAL:
    case TAG: tables->counts[id == TAG ? KIND_TAG : id - TABLE + KIND_TABLE] += read_count(reader); return;
    default: return;
    }
    if (reader->at != reader->end) { malformed("a section is longer than what is in it"); }
}

static void read_module(void *module_) {
    static const unsigned char magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    /* By number, which section comes before which (12 counts the data); a custom one may be anywhere. */
    static const unsigned char order[MODULE_SECTION_COUNT] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};
    struct module *module = module_;
    struct tables tables = {
        .module = module,
        .types = allocate(0, sizeof *tables.types),
        /* Each takes a byte of the module or more. */
        .functions = allocate(module->len, sizeof *tables.functions),
    };
    struct reader file = {module->wasm, module->wasm + module->len};
    unsigned char last = 0;
    if (module->len < sizeof magic || memcmp(module->wasm, magic, sizeof magic) != 0) {
        fail_with("it does not begin as a module of Wasm 1 does");
    }
    for (file.at += sizeof magic; file.at < file.end;) {
        unsigned char id = read_byte(&file);
        struct module_bytes bytes = read_bytes(&file);
        if (id >= MODULE_SECTION_COUNT || (id != CUSTOM && order[id] <= last)) {
            malformed("a section is unknown, twice there, or not in its place");
        }
        read_section(&tables, id, &(struct reader){bytes.at, bytes.at + bytes.len});
        if (id != CUSTOM) {
            module->sections[id] = bytes;
            last = order[id];
        }
    }
}

const char *module_read(struct module *module, const unsigned char *wasm, size_t len) {
    unsigned char *copy = allocate(len, 1);
    *module = (struct module){.wasm = copy, .len = len};
    if (len > 0) { memcpy(copy, wasm, len); }
    const char *why = attempt(read_module, module);
    return why == NULL ? NULL : format("%s", why);
}

/* Which of the exports has that name, or how many there are. */
static size_t find(const struct module_export *exports, size_t count, const char *name, size_t name_len) {
    size_t at = 0;
    while (at < count && (exports[at].name.len != name_len || memcmp(exports[at].name.at, name, name_len) != 0)) {
        at++;
    }
    return at;
}

const struct module_function *module_function(const struct module *module, const char *name, size_t name_len) {
    size_t at = find(module->exports, module->export_count, name, name_len);
    return at == module->export_count ? NULL : &module->functions[module->exports[at].index];
}

size_t module_global(const struct module *module, const char *name, size_t name_len) {
    return find(module->globals, module->global_count, name, name_len);
}
