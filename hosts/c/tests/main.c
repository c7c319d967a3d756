/* Runs the tests. CK_RUN_CASE=signer runs one group; `tests -v` shows each test. */
#include <stdlib.h>
#include <string.h>

#include "tests.h"

int main(int argc, char **argv)
{
    Suite *suite = suite_create("c");
    TCase *groups[] = {signer_tests(),  batch_tests(),   trap_tests(),    faulty_tests(),
                       secret_tests(),  thread_tests(),  guest_tests(),   module_tests(),
                       hostile_tests(), example_tests(), property_tests()};
    for (size_t at = 0; at < sizeof groups / sizeof *groups; at++) {
        tcase_set_timeout(groups[at], 300);
        suite_add_tcase(suite, groups[at]);
    }
    /* Compiled before the first test, which takes seconds: the tests then find it in the cache. */
    signer_raw();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, argc > 1 && strcmp(argv[1], "-v") == 0 ? CK_VERBOSE : CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    int run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
