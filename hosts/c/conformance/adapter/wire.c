#define _GNU_SOURCE

#include "wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

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

/* Reads the next line, without its newline, to memory that the next call uses again. NULL at the end of the input, and
 * with *error set if the line is too long or cannot be read. */
static char *read_line(size_t *len, char **error)
{
    static char *line; /* what is not used of it takes no memory */
    line = line == NULL ? malloc(MAX_LINE_LEN + 1) : line;
    if (line == NULL) {
        abort();
    }
    *len = 0;
    int byte = getc_unlocked(stdin);
    for (; byte != '\n' && byte != EOF; byte = getc_unlocked(stdin)) {
        if (*len == MAX_LINE_LEN) {
            *error = format("a line of over %zu bytes", MAX_LINE_LEN);
            return NULL;
        }
        line[(*len)++] = (char)byte;
    }
    line[*len] = 0;
    if (byte == EOF && ferror(stdin)) {
        *error = format("%s", strerror(errno));
        return NULL;
    }
    return byte == EOF && *len == 0 ? NULL : line;
}

static bool write_line(json_t *object)
{
    char *line = json_dumps(object, JSON_COMPACT);
    if (line != NULL && strlen(line) > MAX_LINE_LEN) {
        unsupported("the answer would be a line of over %zu bytes", MAX_LINE_LEN);
        json_t *shorter = unsupported_answer();
        json_object_set(shorter, "seq", json_object_get(object, "seq"));
        free(line);
        line = json_dumps(shorter, JSON_COMPACT);
        json_decref(shorter);
    }
    bool is_written = line != NULL && puts(line) != EOF && fflush(stdout) == 0;
    free(line);
    json_decref(object);
    return is_written;
}

int serve(const char *name, json_t *(*answer)(const char *line, size_t len, char **error))
{
    static char buffer[1 << 16]; /* a line may have 64 MiB */
    setvbuf(stdin, buffer, _IOFBF, sizeof buffer);
    char *error = NULL;
    size_t len;
    for (char *line = read_line(&len, &error); line != NULL; line = read_line(&len, &error)) {
        json_t *answered = answer(line, len, &error);
        bool is_written = answered != NULL && write_line(answered);
        request_end();
        if (answered != NULL && !is_written) {
            error = format("cannot write an answer: %s", strerror(errno));
        }
        if (error != NULL) {
            break;
        }
    }
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", name, error);
        free(error);
        return 1;
    }
    return 0;
}

void *request_alloc(size_t len)
{
    struct block *block = malloc(sizeof *block + len);
    if (block == NULL) {
        fprintf(stderr, "no memory for %zu bytes\n", len);
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

/* A unit, so many times. */
static bool bytes_from_repeat(const json_t *written, struct signer_bytes *bytes)
{
    const json_t *repeat = json_object_get(written, "repeat"), *times = json_object_get(written, "times");
    json_int_t count = json_integer_value(times);
    struct signer_bytes unit;
    if (!json_is_string(repeat) || !json_is_integer(times) || count < 0 || !bytes_from_hex(repeat, &unit) ||
        (unit.len > 0 && (uint64_t)count > MAX_REPEATED_LEN / unit.len) ||
        repeated_len + unit.len * (size_t)count > MAX_REQUEST_LEN) {
        return false;
    }
    size_t len = unit.len * (size_t)count;
    repeated_len += len;
    unsigned char *made = request_alloc(len);
    for (size_t at = 0; at < len; at += unit.len) {
        memcpy(made + at, unit.bytes, unit.len);
    }
    *bytes = (struct signer_bytes){made, len};
    return true;
}

bool bytes_from(const json_t *written, struct signer_bytes *bytes)
{
    bool is_read = json_is_string(written) ? bytes_from_hex(written, bytes) : bytes_from_repeat(written, bytes);
    if (!is_read) {
        unsupported("bytes are lower-case hex, or a repeat of at most %zu bytes", MAX_REPEATED_LEN);
    }
    return is_read;
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
    return NULL;
}

json_t *unsupported_answer(void)
{
    /* A name of somebody else's may be cut in the middle of a character. */
    json_t *why = json_string(problem);
    return json_pack("{s:o}", "unsupported", why == NULL ? json_string("a name that is no UTF-8") : why);
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
