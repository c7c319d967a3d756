/* The README's program. hosts/examples.json has what the example prints. */
#include <string.h>

#include "files.h"
#include "tests.h"

/* The first block of code in a language after a heading of the README. */
static char *from_readme(const char *heading, const char *language) {
    size_t len;
    char *start = strstr((char *)file_read(HOST_DIR "/README.md", &len), heading);
    ck_assert_msg(start != NULL, "the README has no %s", heading);
    char *fence = format("```%s\n", language);
    start = strstr(start, fence);
    ck_assert_ptr_nonnull(start);
    start += strlen(fence);
    char *end = strstr(start, "```");
    ck_assert_ptr_nonnull(end);
    *end = 0;
    return start;
}

/* Builds and runs the programs of the README by its own commands, in a folder with only what it says to copy. */
static void assert_prints(const char *dir, const char *heading, const char *wanted) {
    int status;
    const char *program = from_readme(heading, "c");
    ck_assert(file_write(format("%s/main.c", dir), program, strlen(program)));
    const char *output = shell(format("set -e; cd %s\n%s", dir, from_readme(heading, "sh")), &status);
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(output, wanted);
}

TEST(example, the_readmes_programs_are_built_by_its_commands) {
    int status;
    const char *dir = new_folder();
    shell(format("cp %s/signer/*.[ch] '%s' %s", HOST_DIR, built("signer-raw"), dir), &status);
    ck_assert_int_eq(status, 0);
    assert_prints(dir, "## In your own project", HELLO_SIGNATURE_HEX "\n");
    assert_prints(dir, "### Many signatures at once", "1 0\n");
    folder_remove(dir);
}
