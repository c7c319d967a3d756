/* The README's program. hosts/examples.json has what the example prints. */
#include <string.h>

#include "files.h"
#include "tests.h"

/* What stands between two texts in the README. */
static char *from_readme(const char *before, const char *after) {
    size_t len;
    char *start = strstr((char *)file_read(HOST_DIR "/README.md", &len), before);
    ck_assert_msg(start != NULL, "the README has no %s", before);
    start += strlen(before);
    char *end = strstr(start, after);
    ck_assert_ptr_nonnull(end);
    *end = 0;
    return start;
}

/* The program of the README, built by the README's own commands, in a folder with only what it says to copy. */
TEST(example, the_readmes_program_is_built_by_its_commands) {
    int status;
    const char *dir = new_folder(), *program = from_readme("```c\n", "```");
    ck_assert(file_write(format("%s/main.c", dir), program, strlen(program)));
    const char *output = shell(format("set -e; cd %s; cp %s/signer/*.[ch] '%s' .\n%s", dir, HOST_DIR,
                                      built("signer-raw"), from_readme("```sh\n", "```")),
                               &status);
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(output, HELLO_SIGNATURE_HEX "\n");
    folder_remove(dir);
}
