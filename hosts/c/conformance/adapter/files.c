#define _GNU_SOURCE

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How the folder is named in which a library is made. One stays behind when its adapter was killed. */
static const char MAKING[] = "making-";

char *format(const char *text, ...)
{
    char *made;
    va_list values;
    va_start(values, text);
    if (vasprintf(&made, text, values) < 0) {
        abort();
    }
    va_end(values);
    return made;
}

void *allocate(size_t count, size_t len)
{
    void *memory = calloc(count + 1, len);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

unsigned char *file_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    unsigned char *bytes = NULL;
    size_t room = 0;
    *len = 0;
    do {
        if (*len == room) {
            room = room == 0 ? 65536 : 2 * room;
            unsigned char *larger = realloc(bytes, room);
            if (larger == NULL) {
                break;
            }
            bytes = larger;
        }
        *len += fread(bytes + *len, 1, room - *len, file);
    } while (!feof(file) && !ferror(file));
    bool is_whole = feof(file) && !ferror(file);
    int error = errno;
    fclose(file);
    if (!is_whole) {
        free(bytes);
        errno = error;
        return NULL;
    }
    return bytes;
}

bool file_write(const char *path, const unsigned char *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    bool is_written = fwrite(bytes, 1, len, file) == len;
    return fclose(file) == 0 && is_written;
}

void folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    closedir(folder);
    rmdir(path);
}

void folder_prune(const char *path, int days)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    time_t oldest = time(NULL) - (time_t)days * 24 * 60 * 60;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat file;
        if (fstatat(dirfd(folder), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0 || file.st_mtime >= oldest) {
            continue;
        }
        if (S_ISREG(file.st_mode)) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        } else if (strncmp(entry->d_name, MAKING, strlen(MAKING)) == 0) {
            char *left = format("%s/%s", path, entry->d_name);
            folder_remove(left);
            free(left);
        }
    }
    closedir(folder);
}

void file_touch(const char *path)
{
    utimensat(AT_FDCWD, path, NULL, 0);
}

static char *writable(char *folder)
{
    if ((mkdir(folder, 0700) == 0 || errno == EEXIST) && access(folder, W_OK | X_OK) == 0) {
        return folder;
    }
    free(folder);
    return NULL;
}

char *cache_folder(char **error)
{
    char program[4096];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) {
        program[len] = 0;
        *strrchr(program, '/') = 0;
        char *beside = writable(format("%s/modules", program));
        if (beside != NULL) {
            return beside;
        }
    }
    const char *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    char *cache = base != NULL && *base == '/' ? format("%s", base) : home != NULL ? format("%s/.cache", home) : NULL;
    if (cache != NULL) {
        cache = writable(cache);
    }
    char *folder = cache == NULL ? NULL : writable(format("%s/everyhost-c", cache));
    free(cache);
    if (folder == NULL) {
        *error = format("nowhere to keep compiled modules: set XDG_CACHE_HOME to a folder that can be written to");
    }
    return folder;
}
