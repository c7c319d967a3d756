/* Files, folders and texts. What returns memory gives it to you to free. */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>

/** As printf, to new memory; the program ends where there is none. */
__attribute__((format(printf, 1, 2))) char *format(const char *text, ...);

/** Zeroed memory for `count` elements of `len` bytes, and one more; the program ends if there is none. */
void *allocate(size_t count, size_t len);

/** A whole file; NULL, with errno set, where it cannot be read. */
unsigned char *file_read(const char *path, size_t *len);

/** Writes a whole file. False, with errno set, where that fails. */
bool file_write(const char *path, const unsigned char *bytes, size_t len);

/** Removes a folder that has only files in it. */
void folder_remove(const char *path);

/** Removes the files of a folder, and its folders "making-…", that were not written or touched for so many days. */
void folder_prune(const char *path, int days);

/** Says that a file was used now, for folder_prune. */
void file_touch(const char *path);

/**
 * The folder where compiled modules are kept: beside this program, or, if that cannot be written to, in the user's
 * cache ($XDG_CACHE_HOME or ~/.cache). NULL, with a text in *error, if there is neither.
 */
char *cache_folder(char **error);

#endif
