#define _GNU_SOURCE

#include "wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REPEATED_LEN ((size_t)64 << 20)
#define MAX_REQUEST_LEN ((size_t)256 << 20)

struct block {
    struct block *next;
    /* Aligned for whatever is put there. */
    max_align_t memory[];
};

static struct block *blocks;
/* How long the repeated bytes of this request are, together. */
static size_t repeated_len;
static char problem[512];
static bool has_problem;

char *read_line(FILE *from, size_t *len, const char **error)
{
    static char *line;
    static size_t room;
    *error = NULL;
    *len = 0;
    for (int byte = getc_unlocked(from); byte != '\n'; byte = getc_unlocked(from)) {
        if (byte == EOF) {
            *error = ferror(from) ? strerror(errno) : NULL;
            return *error == NULL && *len > 0 ? line : NULL;
        }
        if (*len == MAX_LINE_LEN) {
            *error = "a line of over 67108864 bytes";
            return NULL;
        }
        if (*len == room) {
            size_t larger = room == 0 ? 65536 : 2 * room;
            char *moved = realloc(line, larger);
            if (moved == NULL) {
                *error = "no memory for a line";
                return NULL;
            }
            line = moved;
            room = larger;
        }
        line[(*len)++] = (char)byte;
    }
    return line == NULL ? (line = calloc(1, room = 65536)) : line;
}

bool write_line(FILE *to, json_t *object)
{
    char *line = json_dumps(object, JSON_COMPACT);
    if (line != NULL && strlen(line) > MAX_LINE_LEN) {
        json_t *shorter = unsupported("the answer would be a line of over %zu bytes", MAX_LINE_LEN);
        json_object_set(shorter, "seq", json_object_get(object, "seq"));
        free(line);
        line = json_dumps(shorter, JSON_COMPACT);
        json_decref(shorter);
        request_end();
    }
    bool is_written = line != NULL && fputs(line, to) != EOF && fputc('\n', to) != EOF && fflush(to) == 0;
    free(line);
    json_decref(object);
    return is_written;
}

void *request_alloc(size_t len)
{
    struct block *block = malloc(sizeof *block + len);
    if (block == NULL) {
        fprintf(stderr, "c adapter: no memory for %zu bytes\n", len);
        abort();
    }
    block->next = blocks;
    blocks = block;
    return block->memory;
}

void request_end(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
    has_problem = false;
    repeated_len = 0;
}

static int hex_digit(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool bytes_from_hex(const json_t *written, struct signer_bytes *bytes)
{
    const char *hex = json_string_value(written);
    size_t len = json_string_length(written);
    unsigned char *made = request_alloc(len / 2);
    for (size_t at = 0; at + 1 < len; at += 2) {
        int high = hex_digit(hex[at]);
        int low = hex_digit(hex[at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        made[at / 2] = (unsigned char)(high << 4 | low);
    }
    *bytes = (struct signer_bytes){made, len / 2};
    return len % 2 == 0;
}

bool bytes_from(const json_t *written, struct signer_bytes *bytes)
{
    if (json_is_string(written)) {
        if (bytes_from_hex(written, bytes)) {
            return true;
        }
    } else {
        const json_t *times = json_object_get(written, "times");
        struct signer_bytes unit;
        if (json_is_string(json_object_get(written, "repeat")) && json_is_integer(times) &&
            json_integer_value(times) >= 0 && bytes_from_hex(json_object_get(written, "repeat"), &unit) &&
            (unit.len == 0 || (uint64_t)json_integer_value(times) <= MAX_REPEATED_LEN / unit.len) &&
            repeated_len + unit.len * (size_t)json_integer_value(times) <= MAX_REQUEST_LEN) {
            size_t len = unit.len * (size_t)json_integer_value(times);
            repeated_len += len;
            unsigned char *made = request_alloc(len);
            for (size_t at = 0; at < len; at += unit.len) {
                memcpy(made + at, unit.bytes, unit.len);
            }
            *bytes = (struct signer_bytes){made, len};
            return true;
        }
    }
    json_decref(unsupported("bytes are lower-case hex, or a repeat of at most %zu bytes", MAX_REPEATED_LEN));
    return false;
}

json_t *hex_of(const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    char *hex = request_alloc(2 * len);
    for (size_t at = 0; at < len; at++) {
        hex[2 * at] = digits[from[at] >> 4];
        hex[2 * at + 1] = digits[from[at] & 15];
    }
    return json_stringn_nocheck(hex, 2 * len);
}

json_t *unsupported(const char *text, ...)
{
    va_list values;
    va_start(values, text);
    vsnprintf(problem, sizeof problem, text, values);
    va_end(values);
    has_problem = true;
    /* A name of somebody else's may be cut in the middle of a character. */
    json_t *why = json_string(problem);
    return json_pack("{s:o}", "unsupported", why == NULL ? json_string("a name that is no UTF-8") : why);
}

const char *unsupported_text(void)
{
    return has_problem ? problem : NULL;
}

json_t *ok(json_t *value)
{
    return json_pack("{s:o}", "ok", value);
}

json_t *refusal(enum signer_code code, const char *trap_text)
{
    return code == SIGNER_TRAPPED ? trap(trap_text) : json_pack("{s:s}", "error", signer_code_name(code));
}

json_t *trap(const char *text)
{
    return json_pack("{s:b, s:s}", "trap", 1, "detail", text);
}
