/* Runs the tests. CK_RUN_CASE=signer runs one group; `tests -v` shows each test. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "tests.h"

static Suite *suite;

void add_test(const char *name, const TTest *test, int times) {
    static TCase *group;
    static const char *group_name = "";
    if (suite == NULL) { suite = suite_create("c"); }
    if (strcmp(group_name, name) != 0) { /* the tests of a group are added one after another: they are in one file */
        group = tcase_create(group_name = name);
        tcase_set_timeout(group, 300);
        suite_add_tcase(suite, group);
    }
    tcase_add_loop_test(group, test, 0, times);
}

int main(int argc, char **argv) {
    program_name = "tests";
    json_set_alloc_funcs(allocate_json, free_json);
    /* Compiled before the first test, which takes seconds: the tests then find it in the cache. */
    signer_raw();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, argc > 1 && strcmp(argv[1], "-v") == 0 ? CK_VERBOSE : CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    int run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
