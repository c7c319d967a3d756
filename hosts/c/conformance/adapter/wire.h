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
 * Answers each line of stdin with a line on stdout, until the input ends or something goes wrong: then `answer` returns
 * NULL, with a text in *error. What `answer` allocates lives until its answer is written. Returns the exit status.
 */
int serve(const char *name, json_t *(*answer)(const char *line, size_t len, char **error));

/** Memory that lives until the request is answered: request_end gives all of it back. Never NULL. */
void *request_alloc(size_t len);
void request_end(void);

/**
 * Bytes from lower-case hex, or from {"repeat": hex, "times": n}, which may be 256 MiB together in one request; they
 * live until request_end. False, after `unsupported`, if it is neither.
 */
bool bytes_from(const json_t *written, struct signer_bytes *bytes);

/** Bytes as lower-case hex. */
json_t *hex_of(const void *bytes, size_t len);

/** Says what cannot be understood or done, for unsupported_answer. Always NULL. */
__attribute__((format(printf, 1, 2))) json_t *unsupported(const char *text, ...);

/** The answer {"unsupported": …}, with what was said last. */
json_t *unsupported_answer(void);

/** The answer {"ok": …}, which takes `value`. */
json_t *ok(json_t *value);

/** The answer for a code that is not OK: an error, or a trap with its text. */
json_t *refusal(enum signer_code code, const char *trap_text);

json_t *trap(const char *text);

#endif
