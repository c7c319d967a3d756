#define _GNU_SOURCE

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

enum { MAX_OUTPUT_LEN = 65536 };

static const rlim_t MAX_ADDRESSES = (rlim_t)4 << 30, MAX_FILE_LEN = (rlim_t)256 << 20;

/* All that comes through a pipe; what is too much is read too, so that the writer does not wait for ever. */
static char *read_all(int from) {
    char *text = allocate(MAX_OUTPUT_LEN, 1);
    size_t len = 0;
    char rest[4096];
    for (;;) {
        bool is_full = len == MAX_OUTPUT_LEN;
        ssize_t count = is_full ? read(from, rest, sizeof rest) : read(from, text + len, MAX_OUTPUT_LEN - len);
        if (count == 0 || (count < 0 && errno != EINTR)) { return text; }
        len += is_full || count < 0 ? 0 : (size_t)count;
    }
}

/* Limits a resource, unless it is limited more already. Beyond `most` a signal says why, `more` further on it kills. */
static void limit(int resource, rlim_t most, rlim_t more) {
    struct rlimit now;
    if (getrlimit(resource, &now) == 0) {
        rlim_t hard = most + more < now.rlim_max ? most + more : now.rlim_max;
        setrlimit(resource, &(struct rlimit){most < hard ? most : hard, hard});
    }
}

/* The environment, with TMPDIR changed; it is made before the fork. */
static char **environment_for(const char *dir) {
    size_t count = 0;
    while (environ[count] != NULL) { count++; }
    char **made = allocate(count + 1, sizeof *made);
    size_t kept = 0;
    made[kept++] = format("TMPDIR=%s", dir);
    for (size_t at = 0; at < count; at++) {
        if (strncmp(environ[at], "TMPDIR=", 7) != 0) { made[kept++] = environ[at]; }
    }
    return made;
}

/* What the child does: nothing that needs memory or a lock, which another thread may have held when it was made. */
static _Noreturn void become(const char *const *command, const char *dir, char **environment, unsigned seconds,
                             int output) {
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0 && (dir == NULL || chdir(dir) == 0)) {
        limit(RLIMIT_CPU, seconds, 1);
        limit(RLIMIT_FSIZE, MAX_FILE_LEN, 0);
        limit(RLIMIT_CORE, 0, 0);
        limit(RLIMIT_AS, MAX_ADDRESSES, 0);
        /* execvpe does not change the arguments; that they are not const is for older compilers. */
        execvpe(command[0], (char *const *)(const void *)command, environment);
    }
    _exit(127);
}

int process_run(const char *const *command, const char *dir, unsigned seconds, const char **output) {
    *output = "";
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) { return 127; }
    char **environment = dir == NULL ? environ : environment_for(dir);
    pid_t child = fork();
    if (child == 0) { become(command, dir, environment, seconds, ends[1]); }
    close(ends[1]);
    if (child > 0) { *output = read_all(ends[0]); }
    close(ends[0]);
    int status = 127 << 8;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
