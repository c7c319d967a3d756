/* The README's commands and their output. */
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

/* Runs example.sh with some arguments; what it wrote to stdout and stderr is yours to free. */
static char *run(const char *arguments, int *status)
{
    char *command = format("%s/example.sh --module '%s' %s 2>&1", HOST_DIR, built("signer-raw"), arguments);
    char *output = shell(command, status);
    free(command);
    return output;
}

/* Compiles the module, if that was not done yet, so that what it says of that is in no test's way. */
static void compile_once(void)
{
    int status;
    free(run("--help", &status));
    ck_assert_int_eq(status, 0);
}

START_TEST(the_readme_shows_what_the_example_prints)
{
    int status;
    char *output = run("", &status);
    char *shown = from_readme("$ hosts/c/example.sh\n", "```");
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(output, shown);
    free(output);
    free(shown);
}
END_TEST

/* The program of the README, built by the README's own commands, in a folder with nothing but what it tells to copy. */
START_TEST(the_readmes_program_is_built_by_its_commands)
{
    int status;
    char dir[] = "/tmp/c-host-readme-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char *program = from_readme("```c\n", "```");
    char *path = format("%s/main.c", dir);
    ck_assert(file_write(path, (unsigned char *)program, strlen(program)));
    char *commands = from_readme("```sh\n", "```");
    char *script = format("set -e; cd %s; cp %s/signer.[ch] %s/batch.[ch] %s/guest.[ch] %s/codes.[ch] '%s' .\n%s", dir,
                          HOST_DIR, HOST_DIR, HOST_DIR, HOST_DIR, built("signer-raw"), commands);
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
END_TEST

static char *line_of(const char *output, const char *name)
{
    const char *start = strstr(output, name);
    ck_assert_msg(start != NULL, "%s", output);
    start += 12;
    return strndup(start, strcspn(start, "\n"));
}

START_TEST(any_message_and_key_can_be_given)
{
    unsigned char keypair[64], wanted[64];
    char hex[130], signature[129], path[] = "/tmp/c-host-key-XXXXXX";
    int status, file = mkstemp(path);
    openssl_keypair((const unsigned char[32]){5}, keypair);
    openssl_sign(keypair, u8"grüß dich", strlen(u8"grüß dich"), wanted);
    for (size_t at = 0; at < 64; at++) {
        snprintf(hex + 2 * at, 3, "%02X", keypair[at]);
        snprintf(signature + 2 * at, 3, "%02x", wanted[at]);
    }
    strcat(hex, "\n");
    ck_assert_int_eq(write(file, hex, 129), 129);
    close(file);
    char *arguments = format("--key-file %s --message 'grüß dich'", path);
    char *output = run(arguments, &status);
    ck_assert_msg(status == 0, "%s", output);
    char *printed = line_of(output, "signature ");
    ck_assert_str_eq(printed, signature);
    unlink(path);
    free(printed);
    free(output);
    free(arguments);
}
END_TEST

START_TEST(what_is_wrong_gets_one_clear_line)
{
    static const struct {
        const char *key, *arguments, *complaint;
    } cases[] = {
        {NULL, "--key-file /nowhere",
         "example: /nowhere: cannot read 128 hex digits from it: No such file or directory\n"},
        {"xyz", "", ": cannot read 128 hex digits from it\n"},
        {"", "", ": cannot read 128 hex digits from it\n"},
        {"00", "", "example: KEY_LENGTH: a keypair must be 64 bytes long"},
        {"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
         "0000000"
         "000000000000",
         "", "example: KEY_PAIR_MISMATCH: the public half"},
        {NULL, "--message \"$(printf '\\377')\"", "example: --message: the text is not UTF-8\n"},
        {NULL, "--module /nowhere.wasm", "example: /nowhere.wasm is not there; build it with: make modules\n"},
    };
    char path[] = "/tmp/c-host-key-XXXXXX";
    int status, file = mkstemp(path);
    compile_once();
    const char *key = cases[_i].key;
    if (key != NULL) {
        ck_assert_int_eq(write(file, key, strlen(key)), (int)strlen(key));
    }
    close(file);
    char *arguments = key == NULL ? format("%s", cases[_i].arguments) : format("--key-file %s", path);
    char *output = run(arguments, &status);
    ck_assert_int_eq(status, 1);
    ck_assert_msg(strstr(output, cases[_i].complaint) != NULL, "%s", output);
    ck_assert_ptr_eq(strchr(output, '\n'), output + strlen(output) - 1);
    unlink(path);
    free(output);
    free(arguments);
}
END_TEST

TCase *example_tests(void)
{
    TCase *group = tcase_create("example");
    tcase_add_unchecked_fixture(group, compile_once, NULL);
    tcase_add_test(group, the_readme_shows_what_the_example_prints);
    tcase_add_test(group, the_readmes_program_is_built_by_its_commands);
    tcase_add_test(group, any_message_and_key_can_be_given);
    tcase_add_loop_test(group, what_is_wrong_gets_one_clear_line, 0, 7);
    return group;
}
