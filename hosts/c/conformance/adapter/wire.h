/* What requests and answers are written in: JSON lines, with bytes as hex. hosts/CONTRACT.md is the contract. */
#ifndef WIRE_H
#define WIRE_H

#include <jansson.h>
#include <stddef.h>

#include "signer.h"

/** The longest line in either direction, its newline not counted. */
#define MAX_LINE_LEN ((size_t)64 << 20)

/**
 * Answers each line of stdin with a line on stdout, until the input ends. What goes wrong ends the program. What
 * `answer` allocates lives until its answer is written, unless it calls `keep`. Returns the exit status.
 */
int serve(const char *name, json_t *(*answer)(const char *line, size_t len));

/**
 * Bytes from lower-case hex, or from {"repeat": hex, "times": n}, which may be 256 MiB together in one request. Fails
 * if it is neither.
 */
struct signer_bytes bytes_from(const json_t *written);

/** The same of a field. */
struct signer_bytes bytes_field(const json_t *in, const char *name);

/** Bytes as lower-case hex. */
json_t *hex_of(const void *bytes, size_t len);

/** The answer {"unsupported": why}. */
json_t *unsupported(const char *why);

/** The answer {"ok": …}, which takes `value`. */
json_t *ok(json_t *value);

/** The answer for a code that is not OK: an error, or a trap with its text. */
json_t *refusal(enum signer_code code, const char *trap_text);

json_t *trap(const char *text);

/** The answer {"error": code}, with a detail or NULL. */
json_t *refused(const char *code, const char *detail);

#endif
