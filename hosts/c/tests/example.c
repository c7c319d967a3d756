/* The README's program. hosts/examples.json has what the example prints. */
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "tests.h"

/* What stands between two texts in the README; yours to free. */
static char *from_readme(const char *before, const char *after)
{
    size_t len;
    char *path = format("%s/README.md", HOST_DIR);
    char *readme = (char *)file_read(path, &len);
    ck_assert_ptr_nonnull(readme);
    readme = realloc(readme, len + 1);
    readme[len] = 0;
    char *start = strstr(readme, before);
    ck_assert_msg(start != NULL, "the README has no %s", before);
    start += strlen(before);
    char *end = strstr(start, after);
    ck_assert_ptr_nonnull(end);
    char *found = strndup(start, (size_t)(end - start));
    free(readme);
    free(path);
    return found;
}

/* The program of the README, built by the README's own commands, in a folder with only what it says to copy. */
TEST(example, the_readmes_program_is_built_by_its_commands)
{
    int status;
    char dir[] = "/tmp/c-host-readme-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char *program = from_readme("```c\n", "```");
    char *path = format("%s/main.c", dir);
    ck_assert(file_write(path, (unsigned char *)program, strlen(program)));
    char *commands = from_readme("```sh\n", "```");
    char *script =
        format("set -e; cd %s; cp %s/signer/*.[ch] '%s' .\n%s", dir, HOST_DIR, built("signer-raw"), commands);
    char *output = shell(script, &status);
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(output, HELLO_SIGNATURE_HEX "\n");
    folder_remove(dir);
    free(output);
    free(script);
    free(commands);
    free(path);
    free(program);
}
