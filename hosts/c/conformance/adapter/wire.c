#define _GNU_SOURCE

#include "wire.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "files.h"

#define MAX_REPEATED_LEN ((size_t)64 << 20)
#define MAX_REQUEST_LEN ((size_t)256 << 20)

/* How long the repeated bytes of this request are, together. */
static size_t repeated_len;

/* Reads the next line, without its newline, to memory that the next call uses again. NULL at the end of the input. */
static char *read_line(char *line, size_t *len) {
    *len = 0;
    int byte = getc_unlocked(stdin);
    for (; byte != '\n' && byte != EOF; byte = getc_unlocked(stdin)) {
        if (*len == MAX_LINE_LEN) { fail_with("a line of over %zu bytes", MAX_LINE_LEN); }
        line[(*len)++] = (char)byte;
    }
    line[*len] = 0;
    if (byte == EOF && ferror(stdin)) { fail_with("%s", strerror(errno)); }
    return byte == EOF && *len == 0 ? NULL : line;
}

static void write_line(json_t *object) {
    char *line = json_dumps(object, JSON_COMPACT);
    if (line != NULL && strlen(line) > MAX_LINE_LEN) {
        json_t *shorter = unsupported(format("the answer would be a line of over %zu bytes", MAX_LINE_LEN));
        json_object_set(shorter, "seq", json_object_get(object, "seq"));
        line = json_dumps(shorter, JSON_COMPACT);
    }
    if (line == NULL || puts(line) == EOF || fflush(stdout) != 0) {
        fail_with("cannot write an answer: %s", strerror(errno));
    }
}

int serve(const char *name, json_t *(*answer)(const char *line, size_t len)) {
    static char buffer[1 << 16]; /* a line may have 64 MiB */
    size_t len;
    setvbuf(stdin, buffer, _IOFBF, sizeof buffer);
    program_name = name;
    json_set_alloc_funcs(allocate_json, free_json);
    char *line = allocate(MAX_LINE_LEN, 1); /* what is not used of it takes no memory */
    keep();
    while (read_line(line, &len) != NULL) {
        write_line(answer(line, len));
        release();
        repeated_len = 0;
    }
    return 0;
}

static int hex_digit(char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static _Noreturn void fail_bytes(void) {
    fail_with("bytes are lower-case hex, or a repeat of at most %zu bytes", MAX_REPEATED_LEN);
}

static struct signer_bytes bytes_from_hex(const json_t *written) {
    const char *hex = json_string_value(written);
    size_t len = json_string_length(written);
    unsigned char *made = allocate(len / 2, 1);
    for (size_t at = 0; at < len; at += 2) {
        int high = hex_digit(hex[at]);
        int low = hex_digit(hex[at + 1]); /* or the NUL */
        if (high < 0 || low < 0) { fail_bytes(); }
        made[at / 2] = (unsigned char)(high << 4 | low);
    }
    return (struct signer_bytes){made, len / 2};
}

struct signer_bytes bytes_from(const json_t *written) {
    if (json_is_string(written)) { return bytes_from_hex(written); }
    const json_t *repeat = json_object_get(written, "repeat"), *times = json_object_get(written, "times");
    json_int_t count = json_integer_value(times);
    if (!json_is_string(repeat) || !json_is_integer(times) || count < 0) { fail_bytes(); }
    struct signer_bytes unit = bytes_from_hex(repeat);
    if ((unit.len > 0 && (uint64_t)count > MAX_REPEATED_LEN / unit.len) ||
        repeated_len + unit.len * (size_t)count > MAX_REQUEST_LEN) {
        fail_bytes();
    }
    size_t len = unit.len * (size_t)count;
    repeated_len += len;
    unsigned char *made = allocate(len, 1);
    for (size_t at = 0; at < len; at += unit.len) { memcpy(made + at, unit.bytes, unit.len); }
    return (struct signer_bytes){made, len};
}

struct signer_bytes bytes_field(const json_t *in, const char *name) {
    return bytes_from(json_object_get(in, name));
}

json_t *hex_of(const void *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    char *hex = allocate(2 * len, 1);
    for (size_t at = 0; at < len; at++) {
        hex[2 * at] = digits[from[at] >> 4];
        hex[2 * at + 1] = digits[from[at] & 15];
    }
    return json_stringn_nocheck(hex, 2 * len);
}

json_t *unsupported(const char *why) {
    /* A name of somebody else's may be cut in the middle of a character. */
    json_t *text = json_string(why);
    return json_pack("{s:o}", "unsupported", text == NULL ? json_string("a name that is no UTF-8") : text);
}

json_t *ok(json_t *value) { return json_pack("{s:o}", "ok", value); }

json_t *refusal(enum signer_code code, const char *trap_text) {
    return code == SIGNER_TRAPPED ? trap(trap_text) : refused(signer_code_name(code), NULL);
}

json_t *trap(const char *text) { return json_pack("{s:b, s:s}", "trap", 1, "detail", text); }

json_t *refused(const char *code, const char *detail) {
    return json_pack("{s:s, s:s*}", "error", code, "detail", detail);
}
