#define _GNU_SOURCE

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_OUTPUT_LEN = 65536 };

extern char **environ;

/* All that comes through a pipe; what is too much is read too, so that the writer does not wait for ever. */
static char *read_all(int from)
{
    char *text = malloc(MAX_OUTPUT_LEN + 1);
    size_t len = 0;
    char rest[4096];
    for (;;) {
        int is_full = text == NULL || len == MAX_OUTPUT_LEN;
        ssize_t count = is_full ? read(from, rest, sizeof rest) : read(from, text + len, MAX_OUTPUT_LEN - len);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            break;
        }
        len += is_full ? 0 : (size_t)count;
    }
    if (text != NULL) {
        text[len] = 0;
    }
    return text;
}

int process_run(const char *const *command, const char *dir, char **output)
{
    *output = NULL;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return 127;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    if (dir != NULL) {
        posix_spawn_file_actions_addchdir_np(&actions, dir);
    }
    pid_t child;
    /* posix_spawnp does not change the arguments; that they are not const is for older compilers. */
    int error = posix_spawnp(&child, command[0], &actions, NULL, (char *const *)(const void *)command, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        *output = strdup(strerror(error));
        return 127;
    }
    *output = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
