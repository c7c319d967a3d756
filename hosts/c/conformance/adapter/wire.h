/* What requests and answers are written in: JSON lines, with bytes as hex. hosts/CONTRACT.md is the contract. */
#ifndef WIRE_H
#define WIRE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "signer.h"

/** The longest line in either direction, its newline not counted. */
#define MAX_LINE_LEN ((size_t)64 << 20)

/**
 * Reads the next line, without its newline, to memory that the next call uses again.
 *
 * NULL at the end of the input (*error is NULL) and where the line is too long, or cannot be read.
 */
char *read_line(FILE *from, size_t *len, const char **error);

/** Writes one answer, which it takes, and flushes it; one that is too long is `unsupported`. False if that fails. */
bool write_line(FILE *to, json_t *object);

/** Memory that lives until the request is answered: request_end gives all of it back. Never NULL. */
void *request_alloc(size_t len);
void request_end(void);

/**
 * Bytes from lower-case hex, or from {"repeat": hex, "times": n}, which may be 256 MiB together in one request; they
 * live until request_end. False, and a call of unsupported, where it is neither.
 */
bool bytes_from(const json_t *written, struct signer_bytes *bytes);

/** Bytes as lower-case hex. */
json_t *hex_of(const void *bytes, size_t len);

/** An answer {"unsupported": …}, for what cannot be understood or done. Remembered until request_end, for steps in it.
 */
__attribute__((format(printf, 1, 2))) json_t *unsupported(const char *text, ...);

/** What unsupported was last called with since request_end, or NULL. */
const char *unsupported_text(void);

/** The answer {"ok": …}, which takes `value`. */
json_t *ok(json_t *value);

/** The answer for a code that is not OK: an error, or a trap with its text. */
json_t *refusal(enum signer_code code, const char *trap_text);

json_t *trap(const char *text);

#endif
