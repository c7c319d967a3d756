#define _GNU_SOURCE

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How the folder is named in which a library is made. One stays behind when its adapter was killed. */
static const char MAKING[] = "making-";

struct block {
    struct block *older, *newer;
    size_t number;
    /* Aligned for whatever is put there. */
    max_align_t memory[];
};

static struct block *newest;
static size_t last_number, kept_number;

const char *program_name;
static jmp_buf *catcher;
static char failure[4096 + 512];

void *allocate_json(size_t len) {
    struct block *block = calloc(1, sizeof *block + len);
    if (block == NULL) {
        fprintf(stderr, "no memory for %zu bytes\n", len);
        abort();
    }
    block->number = ++last_number;
    block->older = newest;
    if (newest != NULL) { newest->newer = block; }
    newest = block;
    return block->memory;
}

void free_json(void *memory) {
    if (memory == NULL) { return; }
    struct block *block = (struct block *)(void *)((char *)memory - offsetof(struct block, memory));
    *(block->newer == NULL ? &newest : &block->newer->older) = block->older;
    if (block->older != NULL) { block->older->newer = block->newer; }
    free(block);
}

void *allocate(size_t count, size_t len) { return allocate_json((count + 1) * len); }

void keep(void) { kept_number = last_number; }

void release(void) { release_since(kept_number); }

size_t allocated(void) { return last_number; }

void release_since(size_t number) {
    struct block *block = newest;
    while (block != NULL && block->number > number) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
    newest = block;
    if (block != NULL) { block->newer = NULL; }
}

char *format(const char *text, ...) {
    va_list values, again;
    va_start(values, text);
    va_copy(again, values);
    int len = vsnprintf(NULL, 0, text, values);
    char *made = allocate((size_t)len, 1);
    vsnprintf(made, (size_t)len + 1, text, again);
    va_end(again);
    va_end(values);
    return made;
}

void fail_with(const char *text, ...) {
    va_list values;
    va_start(values, text);
    vsnprintf(failure, sizeof failure, text, values);
    va_end(values);
    if (catcher != NULL) { longjmp(*catcher, 1); }
    fprintf(stderr, "%s%s%s\n", program_name == NULL ? "" : program_name, program_name == NULL ? "" : ": ", failure);
    exit(1);
}

const char *attempt(void (*work)(void *), void *argument) {
    jmp_buf here, *outer = catcher;
    const char *volatile why = failure;
    if (setjmp(here) == 0) {
        catcher = &here;
        work(argument);
        why = NULL;
    }
    catcher = outer;
    return why;
}

unsigned char *file_read(const char *path, size_t *len) {
    unsigned char *bytes = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "rb");
    *len = 0;
    while (file != NULL && !feof(file) && !ferror(file)) {
        if (*len == room) {
            unsigned char *larger = allocate(room = 2 * room + 65536, 1);
            if (bytes != NULL) { memcpy(larger, bytes, *len); }
            bytes = larger;
        }
        *len += fread(bytes + *len, 1, room - *len, file);
    }
    if (file == NULL || ferror(file)) {
        char *why = strerror(errno);
        if (file != NULL) { fclose(file); }
        fail_with("cannot read %s: %s", path, why);
    }
    fclose(file);
    return bytes;
}

void sha256_hex(const void *bytes, size_t len, char hex[65]) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(bytes, len, digest);
    for (size_t at = 0; at < sizeof digest; at++) { snprintf(hex + 2 * at, 3, "%02x", digest[at]); }
}

bool file_write(const char *path, const void *bytes, size_t len) {
    FILE *file = fopen(path, "wb");
    bool is_written = file != NULL && fwrite(bytes, 1, len, file) == len;
    return file != NULL && fclose(file) == 0 && is_written;
}

void folder_remove(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL) { return; }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    closedir(folder);
    rmdir(path);
}

void folder_prune(const char *path, int days) {
    DIR *folder = opendir(path);
    if (folder == NULL) { return; }
    time_t oldest = time(NULL) - (time_t)days * 24 * 60 * 60;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat file;
        if (fstatat(dirfd(folder), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0 || file.st_mtime >= oldest) {
            continue;
        }
        if (S_ISREG(file.st_mode)) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        } else if (strncmp(entry->d_name, MAKING, strlen(MAKING)) == 0) {
            folder_remove(format("%s/%s", path, entry->d_name));
        }
    }
    closedir(folder);
}

void file_touch(const char *path) { utimensat(AT_FDCWD, path, NULL, 0); }

static bool is_writable(const char *folder) {
    return (mkdir(folder, 0700) == 0 || errno == EEXIST) && access(folder, W_OK | X_OK) == 0;
}

char *cache_folder(void) {
    char program[4096];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) {
        program[len] = 0;
        *strrchr(program, '/') = 0;
        char *beside = format("%s/modules", program);
        if (is_writable(beside)) { return beside; }
    }
    const char *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    char *cache = base != NULL && *base == '/' ? format("%s", base) : home != NULL ? format("%s/.cache", home) : NULL;
    char *folder = format("%s/everyhost-c", cache == NULL ? "" : cache);
    if (cache == NULL || !is_writable(cache) || !is_writable(folder)) {
        fail_with("nowhere to keep compiled modules: set XDG_CACHE_HOME to a folder that can be written to");
    }
    return folder;
}
