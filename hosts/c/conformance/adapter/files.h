/* What every part needs: memory, failures, files and folders. */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Zeroed memory for `count` elements of `len` bytes, and one more; the program ends if there is none.
 *
 * It lives until `release`, which gives back all that was allocated since the last `keep`.
 */
void *allocate(size_t count, size_t len);
void keep(void);
void release(void);

/** How much was allocated ever, for release_since, which gives back all from then on. */
size_t allocated(void);
void release_since(size_t number);

/** The same memory for jansson, which gives some of it back earlier. */
void *allocate_json(size_t len);
void free_json(void *memory);

/** As printf, to allocated memory. */
__attribute__((format(printf, 1, 2))) char *format(const char *text, ...);

/** Leaves the innermost `attempt`, or says why, after the program's name if it is set, and ends the program. */
__attribute__((format(printf, 1, 2))) _Noreturn void fail_with(const char *text, ...);
extern const char *program_name;

/** Runs work(argument). NULL, or why it failed, which the next failure overwrites. */
const char *attempt(void (*work)(void *argument), void *argument);

/** A whole file; fails if it cannot be read. */
unsigned char *file_read(const char *path, size_t *len);

/** The SHA-256 of some bytes, in hex, with a NUL. */
void sha256_hex(const void *bytes, size_t len, char hex[65]);

/** Writes a whole file. False, with errno set, where that fails. */
bool file_write(const char *path, const void *bytes, size_t len);

/** Removes a folder that has only files in it. */
void folder_remove(const char *path);

/** Removes the files of a folder, and its folders "making-…", that were not written or touched for so many days. */
void folder_prune(const char *path, int days);

/** Says that a file was used now, for folder_prune. */
void file_touch(const char *path);

/**
 * The folder where compiled modules are kept: beside this program, or, if that cannot be written to, in the user's
 * cache ($XDG_CACHE_HOME or ~/.cache). Fails if there is neither.
 */
char *cache_folder(void);

#endif
