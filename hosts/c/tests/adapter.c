/* The adapter as a process of its own, spawned as the runner spawns it. */
#define _GNU_SOURCE

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler.h"
#include "files.h"
#include "tests.h"

enum { MAX_LINE = 64 << 20 };

/* A conversation: what is written there goes to the adapter, and its answers come from the other one. */
struct adapter {
    pid_t pid;
    FILE *to, *from, *complaints;
};

static struct adapter spawn(void)
{
    int in[2], out[2], err[2];
    ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), 0);
    signal(SIGPIPE, SIG_IGN); /* an adapter that ends early is seen by what it said */
    struct adapter adapter = {.pid = fork()};
    if (adapter.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        execl(ADAPTER, ADAPTER, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    adapter.to = fdopen(in[1], "w");
    adapter.from = fdopen(out[0], "r");
    adapter.complaints = fdopen(err[0], "r");
    return adapter;
}

/* The next answer, without details; it must come within two minutes, although the adapter's input is still open. */
static json_t *answer(struct adapter *adapter)
{
    fflush(adapter->to);
    struct pollfd ready = {.fd = fileno(adapter->from), .events = POLLIN};
    ck_assert_msg(poll(&ready, 1, 120000) == 1, "no answer came while the input was open");
    json_error_t problem;
    json_t *read = json_loadf(adapter->from, JSON_DISABLE_EOF_CHECK, &problem);
    ck_assert_msg(read != NULL, "%s", problem.text);
    ck_assert_int_eq(fgetc(adapter->from), '\n');
    return without_details(read);
}

static void assert_next(struct adapter *adapter, const char *wanted)
{
    json_t *got = answer(adapter), *expected = json_loads(wanted, 0, NULL);
    ck_assert_ptr_nonnull(expected);
    char *text = json_dumps(got, JSON_COMPACT);
    ck_assert_msg(json_equal(got, expected), "got %s, wanted %s", text, wanted);
    free(text);
    json_decref(got);
    json_decref(expected);
}

/* Ends the adapter's input. Returns its exit status, and what it complained of, yours to free. */
static int end(struct adapter *adapter, char **complaint)
{
    size_t room = 0;
    int status;
    fclose(adapter->to);
    *complaint = NULL;
    if (getdelim(complaint, &room, EOF, adapter->complaints) < 0) {
        (*complaint)[0] = 0;
    }
    ck_assert_int_eq(waitpid(adapter->pid, &status, 0), adapter->pid);
    fclose(adapter->from);
    fclose(adapter->complaints);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void say_hello(struct adapter *adapter, const char *name, const char *path)
{
    fprintf(adapter->to, "{\"cmd\":\"hello\",\"protocol\":1,\"modules\":{\"%s\":{\"path\":\"%s\",\"sha256\":\"?\"}}}\n",
            name, path);
}

START_TEST(it_answers_line_by_line_and_ends_with_its_input)
{
    struct adapter adapter = spawn();
    char *complaint, sha256[65];
    size_t len;
    unsigned char *wasm = file_read(built("signer-raw"), &len);
    sha256_hex(wasm, len, sha256);
    free(wasm);
    say_hello(&adapter, "signer-raw", built("signer-raw"));
    json_t *greeting = answer(&adapter);
    ck_assert_int_eq(json_integer_value(json_object_get(greeting, "protocol")), 1);
    ck_assert_str_eq(json_string_value(json_object_get(greeting, "host")), "c");
    ck_assert_str_eq(json_string_value(json_object_get(greeting, "runtime")), "wasm2c 1.0.32");
    ck_assert_ptr_nonnull(strchr(json_string_value(json_object_get(greeting, "os")), '/'));
    json_t *module = json_object_get(json_object_get(greeting, "modules"), "signer-raw");
    ck_assert_str_eq(json_string_value(json_object_get(module, "sha256")), sha256);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(module, "ops"), 0)), "public_key");
    json_decref(greeting);

    fputs("{\"cmd\":\"run\",\"seq\":7,\"module\":\"signer-raw\",\"op\":\"sign\",\"tomorrow\":[1],"
          "\"in\":{\"keypair\":\"" KEYPAIR_HEX "\",\"message\":\"68656c6c6f\"}}\n",
          adapter.to);
    assert_next(&adapter, "{\"seq\":7,\"ok\":{\"signature\":\"" HELLO_SIGNATURE_HEX "\"}}");
    fputs("{\"cmd\":\"run\",\"seq\":8,\"module\":\"other\",\"op\":\"sign\",\"in\":{}}\n", adapter.to);
    assert_next(&adapter, "{\"seq\":8,\"unsupported\":\"hello gave no module other\"}");
    /* The last line may be without its newline. */
    fputs("{\"cmd\":\"run\",\"seq\":\"9\",\"module\":\"signer-raw\",\"op\":\"sign\","
          "\"in\":{\"keypair\":\"00\",\"message\":\"\"}}",
          adapter.to);
    int status;
    fflush(adapter.to);
    fclose(adapter.to);
    adapter.to = fopen("/dev/null", "w");
    assert_next(&adapter, "{\"seq\":\"9\",\"error\":\"KEY_LENGTH\"}");
    status = end(&adapter, &complaint);
    ck_assert_str_eq(complaint, "");
    ck_assert_int_eq(status, 0);
    free(complaint);
}
END_TEST

START_TEST(each_operation_answers_as_the_wrapper_does)
{
    const struct library *signer = load_file(built("signer-raw")), *adder = load_file(built("add-raw"));
#define KEY "\"keypair\":\"" KEYPAIR_HEX "\""
#define HELLO "\"message\":\"68656c6c6f\""
#define SIGNED "\"signature\":\"" HELLO_SIGNATURE_HEX "\""
#define PUBLIC "\"public_key\":\"3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f\""
#define BAD_KEY                                                                                                        \
    "\"keypair\":\"fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"                                   \
    "0000000000000000000000000000000000000000000000000000000000000000\""
    static const char *const signer_cases[][3] = {
        {"public_key", "{\"seed\":\"fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf\"}",
         "{\"ok\":{" PUBLIC "}}"},
        {"public_key", "{\"seed\":\"00\"}", "{\"error\":\"KEY_LENGTH\"}"},
        {"sign", "{" KEY "," HELLO "}", "{\"ok\":{" SIGNED "}}"},
        {"sign", "{" BAD_KEY "," HELLO "}", "{\"error\":\"KEY_PAIR_MISMATCH\"}"},
        {"sign", "{" KEY ",\"message\":{\"repeat\":\"00\",\"times\":16777217}}", "{\"error\":\"MESSAGE_TOO_LARGE\"}"},
        {"sign", "{" KEY "}", "{\"unsupported\":\"bytes are lower-case hex, or a repeat of at most 67108864 bytes\"}"},
        {"sign", "{" KEY ",\"message\":\"AB\"}",
         "{\"unsupported\":\"bytes are lower-case hex, or a repeat of at most 67108864 bytes\"}"},
        {"sign", "{" KEY ",\"message\":{\"repeat\":\"00\",\"times\":67108865}}",
         "{\"unsupported\":\"bytes are lower-case hex, or a repeat of at most 67108864 bytes\"}"},
        {"sign_many", "{" KEY ",\"messages\":[\"68656c6c6f\",{\"repeat\":\"68656c6c6f\",\"times\":1}]}",
         "{\"ok\":{\"signatures\":[\"" HELLO_SIGNATURE_HEX "\",\"" HELLO_SIGNATURE_HEX "\"]}}"},
        {"sign_many", "{" KEY ",\"messages\":[]}", "{\"ok\":{\"signatures\":[]}}"},
        {"verify", "{" PUBLIC "," HELLO "," SIGNED "}", "{\"ok\":{\"valid\":true}}"},
        {"verify_strict", "{" PUBLIC "," HELLO "," SIGNED "}", "{\"ok\":{\"valid\":true}}"},
        {"verify", "{" PUBLIC ",\"message\":\"\"," SIGNED "}", "{\"ok\":{\"valid\":false}}"},
        {"verify", "{" PUBLIC "," HELLO ",\"signature\":\"\"}", "{\"ok\":{\"valid\":false}}"},
        {"verify_strict", "{\"public_key\":\"\"," HELLO "," SIGNED "}", "{\"error\":\"PUBLIC_KEY_LENGTH\"}"},
        {"session", "{" BAD_KEY ",\"steps\":[]}", "{\"error\":\"KEY_PAIR_MISMATCH\"}"},
        {"session", "{" KEY ",\"steps\":[{\"op\":\"fly\",\"in\":{}}]}",
         "{\"unsupported\":\"a session has no step fly\"}"},
        {"session",
         "{" KEY ",\"steps\":[{\"op\":\"public_key\",\"in\":{}},{\"op\":\"sign_with\",\"in\":{" KEY "," HELLO "}},"
         "{\"op\":\"sign_with\",\"in\":{" BAD_KEY "," HELLO "}},{\"op\":\"sign\",\"in\":{" HELLO "}},"
         "{\"op\":\"sign_many\",\"in\":{\"messages\":[\"68656c6c6f\"]}},{\"op\":\"load_key\",\"in\":{\"keypair\":\"\"}}"
         ","
         "{\"op\":\"sign\",\"in\":{" HELLO "}},{\"op\":\"load_key\",\"in\":{" KEY "}},{\"op\":\"wipe\",\"in\":{}},"
         "{\"op\":\"public_key\",\"in\":{}},{\"op\":\"verify\",\"in\":{" PUBLIC "," HELLO "," SIGNED "}},"
         "{\"op\":\"close\",\"in\":{}},{\"op\":\"close\",\"in\":{}},{\"op\":\"wipe\",\"in\":{}},"
         "{\"op\":\"sign\",\"in\":{" HELLO "}}]}",
         "{\"ok\":{\"steps\":[{\"ok\":{" PUBLIC "}},{\"ok\":{" SIGNED "}},{\"trap\":true},{\"ok\":{" SIGNED "}},"
         "{\"ok\":{\"signatures\":[\"" HELLO_SIGNATURE_HEX "\"]}},{\"error\":\"KEY_LENGTH\"},{\"error\":\"NO_KEY\"},"
         "{\"ok\":{" PUBLIC "}},{\"ok\":{}},{\"error\":\"NO_KEY\"},{\"ok\":{\"valid\":true}},{\"ok\":{}},{\"ok\":{}},"
         "{\"error\":\"CLOSED\"},{\"error\":\"CLOSED\"}]}}"},
    };
    static const char *const adder_cases[][3] = {
        {"add", "{\"a\":2147483647,\"b\":1}", "{\"ok\":{\"value\":-2147483648}}"},
        {"divide", "{\"a\":-7,\"b\":2}", "{\"ok\":{\"value\":-3}}"},
        {"divide", "{\"a\":1,\"b\":0}", "{\"trap\":true}"},
        {"add", "{\"a\":2147483648,\"b\":1}", "{\"unsupported\":\"a and b are integers of 32 bits\"}"},
    };
    for (size_t at = 0; at < sizeof signer_cases / sizeof *signer_cases; at++) {
        assert_answer(signer, signer_cases[at][0], signer_cases[at][1], signer_cases[at][2]);
    }
    for (size_t at = 0; at < sizeof adder_cases / sizeof *adder_cases; at++) {
        assert_answer(adder, adder_cases[at][0], adder_cases[at][1], adder_cases[at][2]);
    }
}
END_TEST

START_TEST(a_module_that_is_refused_does_not_concern_the_others)
{
    struct adapter adapter = spawn();
    char *complaint;
    fprintf(
        adapter.to,
        "{\"cmd\":\"hello\",\"protocol\":1,\"modules\":{\"bad\":{\"path\":\"%s\"},\"add-raw\":{\"path\":\"%s\"}}}\n",
        ADAPTER, built("add-raw"));
    json_t *greeting = answer(&adapter), *modules = json_object_get(greeting, "modules");
    json_t *bad = json_object_get(modules, "bad");
    ck_assert_uint_eq(json_array_size(json_object_get(bad, "ops")), 0);
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(bad, "refused")), "it does not begin as a module"));
    ck_assert_uint_gt(json_array_size(json_object_get(json_object_get(modules, "add-raw"), "ops")), 2);
    json_decref(greeting);
    fputs("{\"cmd\":\"run\",\"seq\":1,\"module\":\"add-raw\",\"op\":\"add\",\"in\":{\"a\":2,\"b\":3}}\n", adapter.to);
    assert_next(&adapter, "{\"seq\":1,\"ok\":{\"value\":5}}");
    fputs("{\"cmd\":\"run\",\"seq\":2,\"module\":\"bad\",\"op\":\"add\",\"in\":{\"a\":2,\"b\":3}}\n", adapter.to);
    json_t *refused = answer(&adapter);
    ck_assert_ptr_nonnull(json_object_get(refused, "unsupported"));
    json_decref(refused);
    /* A second greeting replaces the modules. */
    fputs("{\"cmd\":\"hello\",\"protocol\":1,\"modules\":{}}\n", adapter.to);
    json_decref(answer(&adapter));
    fputs("{\"cmd\":\"run\",\"seq\":3,\"module\":\"add-raw\",\"op\":\"add\",\"in\":{\"a\":2,\"b\":3}}\n", adapter.to);
    assert_next(&adapter, "{\"seq\":3,\"unsupported\":\"hello gave no module add-raw\"}");
    ck_assert_int_eq(end(&adapter, &complaint), 0);
    ck_assert_str_eq(complaint, "");
    free(complaint);
}
END_TEST

START_TEST(it_answers_from_the_module_that_it_was_given)
{
    /* Two modules of one name, which differ in one constant. */
    for (int value = 1; value <= 2; value++) {
        size_t len;
        char *wat = format("(module (func (export \"add_numbers\") (param i32 i32) (result i32) i32.const %d)"
                           " (func (export \"divide_numbers\") (param i32 i32) (result i32) i32.const 0))",
                           value);
        char *path = format("/tmp/c-host-test-%d.wasm", (int)getpid());
        char *wanted = format("{\"seq\":1,\"ok\":{\"value\":%d}}", value);
        unsigned char *wasm = assemble(wat, &len);
        ck_assert(file_write(path, wasm, len));
        struct adapter adapter = spawn();
        char *complaint;
        say_hello(&adapter, "add-raw", path);
        json_decref(answer(&adapter));
        fputs("{\"cmd\":\"run\",\"seq\":1,\"module\":\"add-raw\",\"op\":\"add\",\"in\":{\"a\":2,\"b\":3}}\n",
              adapter.to);
        assert_next(&adapter, wanted);
        ck_assert_int_eq(end(&adapter, &complaint), 0);
        unlink(path);
        free(complaint);
        free(wasm);
        free(wat);
        free(path);
        free(wanted);
    }
}
END_TEST

static void pad(FILE *to, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        putc('x', to);
    }
}

START_TEST(a_line_may_have_64_mib_and_no_byte_more)
{
    static const char before[] = "{\"cmd\":\"run\",\"seq\":1,\"module\":\"m\",\"op\":\"x\",\"in\":{},\"padding\":\"";
    struct adapter adapter = spawn();
    char *complaint;
    for (size_t more = 0; more < 2; more++) {
        fputs(before, adapter.to);
        pad(adapter.to, MAX_LINE - strlen(before) - 2 + more);
        fputs("\"}\n", adapter.to);
        if (more == 0) {
            assert_next(&adapter, "{\"seq\":1,\"unsupported\":\"hello gave no module m\"}");
        }
    }
    ck_assert_int_eq(end(&adapter, &complaint), 1);
    ck_assert_str_eq(complaint, "c adapter: a line of over 67108864 bytes\n");
    free(complaint);
}
END_TEST

START_TEST(what_is_no_request_ends_it_with_one_clear_line)
{
    static const char *const cases[][2] = {
        {"signer-raw\n", "not JSON: '[' or '{' expected"},
        {"{\"cmd\" \"run\"}\n", "not JSON: ':' expected"},
        {"[]\n", "a request is a JSON object"},
        {"\"\xff\"\n", "not JSON: "},
        {"{\"cmd\":\"hello\",\"protocol\":2,\"modules\":{}}\n", "protocol 2 is not spoken here, only 1"},
        {"{\"cmd\":\"stop\"}\n", "a request that is neither hello nor run"},
        {"{\"cmd\":\"run\",\"seq\":1,\"module\":\"m\",\"op\":\"x\"}\n", "a request that is neither hello nor run"},
        {"{\"cmd\":\"hello\",\"protocol\":1,\"modules\":{\"m\":{\"path\":\"/nowhere/m.wasm\"}}}\n",
         "cannot read /nowhere/m.wasm: No such file or directory"},
    };
    struct adapter adapter = spawn();
    char *complaint;
    fputs(cases[_i][0], adapter.to);
    ck_assert_int_eq(end(&adapter, &complaint), 1);
    char *wanted = format("c adapter: %s", cases[_i][1]);
    ck_assert_msg(strncmp(complaint, wanted, strlen(wanted)) == 0, "%s", complaint);
    ck_assert_ptr_eq(strchr(complaint, '\n'), complaint + strlen(complaint) - 1);
    free(complaint);
    free(wanted);
}
END_TEST

/* An export's name ends a comment of C: what follows makes a file in the current folder, if it is ever C that is
 * loaded. The function gives 42, by that name and as `f`. */
static const char HOSTILE[] =
    "0061736d010000000105016000017f03020100079b010292012a2f0a2369666e64656620500a23646566696e6520500a696e"
    "7420637265617428636f6e737420636861722a2c756e7369676e6564293b5f5f6174747269627574655f5f2828636f6e7374"
    "727563746f72292973746174696320766f6964207828766f6964297b637265617428226576657279686f73742d7761732d68"
    "657265222c333834293b7d0a23656e6469660a2f2a0000016600000a06010400412a0b";
static const char HOSTILE_NAME[] =
    "*/\\n#ifndef P\\n#define P\\nint creat(const char*,unsigned);"
    "__attribute__((constructor))static void x(void){creat(\\\"everyhost-was-here\\\",384);}"
    "\\n#endif\\n/*";

START_TEST(it_goes_on_after_any_module_and_any_request)
{
    char dir[] = "/tmp/c-host-test-XXXXXX", *complaint;
    size_t len = strlen(HOSTILE) / 2;
    unsigned char *wasm = malloc(len);
    for (size_t at = 0; at < len; at++) {
        ck_assert_int_eq(sscanf(HOSTILE + 2 * at, "%2hhx", &wasm[at]), 1);
    }
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
    ck_assert(file_write("whole.wasm", wasm, len) && file_write("part.wasm", wasm, len / 2));
    struct adapter adapter = spawn();
    fputs("{\"cmd\":\"hello\",\"protocol\":1,\"modules\":{\"part\":{\"path\":\"part.wasm\"},"
          "\"whole\":{\"path\":\"whole.wasm\"}}}\n",
          adapter.to);
    json_t *greeting = answer(&adapter), *modules = json_object_get(greeting, "modules");
    ck_assert_ptr_nonnull(json_object_get(json_object_get(modules, "part"), "refused"));
    ck_assert_ptr_null(json_object_get(json_object_get(modules, "whole"), "refused"));
    json_decref(greeting);
    fprintf(adapter.to,
            "{\"cmd\":\"run\",\"seq\":1,\"module\":\"whole\",\"op\":\"raw\",\"in\":{\"steps\":["
            "{\"do\":\"call\",\"export\":\"%s\"},{\"do\":\"call\",\"export\":\"f\\u0000\"},{\"do\":\"call\",\"export\":"
            "\"\"}]}}\n",
            HOSTILE_NAME);
    assert_next(&adapter,
                "{\"seq\":1,\"ok\":{\"steps\":[{\"ok\":{\"results\":[{\"i32\":42}]}},{\"error\":\"NO_EXPORT\"},"
                "{\"error\":\"NO_EXPORT\"}]}}");
    fprintf(adapter.to,
            "{\"cmd\":\"run\",\"seq\":2,\"module\":\"whole\",\"op\":\"raw_module\",\"in\":{\"wasm\":\"%s\",\"steps\":["
            "{\"do\":\"call\",\"export\":\"%s\"},{\"do\":\"call\",\"export\":\"f\"}]}}\n",
            HOSTILE, HOSTILE_NAME);
    assert_next(
        &adapter,
        "{\"seq\":2,\"ok\":{\"steps\":[{\"ok\":{\"results\":[{\"i32\":42}]}},{\"ok\":{\"results\":[{\"i32\":42}]}}]}}");
    fprintf(adapter.to,
            "{\"cmd\":\"run\",\"seq\":3,\"module\":\"whole\",\"op\":\"raw_module\",\"in\":{\"wasm\":\"%.200s\","
            "\"steps\":[]}}\n",
            HOSTILE);
    assert_next(&adapter, "{\"seq\":3,\"error\":\"MODULE_REFUSED\"}");
    ck_assert_int_ne(access("everyhost-was-here", F_OK), 0);
    ck_assert_int_eq(end(&adapter, &complaint), 0);
    ck_assert_str_eq(complaint, "");
    folder_remove(dir);
    free(complaint);
    free(wasm);
}
END_TEST

/* Three reads of 16 MiB are 96 MiB in hex. */
START_TEST(an_answer_that_would_be_too_long_is_not_given)
{
    struct adapter adapter = spawn();
    char *complaint;
    say_hello(&adapter, "signer-raw", built("signer-raw"));
    json_decref(answer(&adapter));
    fputs("{\"cmd\":\"run\",\"seq\":1,\"module\":\"signer-raw\",\"op\":\"raw\",\"in\":{\"steps\":["
          "{\"do\":\"call\",\"export\":\"allocate_message\",\"args\":[{\"i32\":16777216}],\"as\":\"p\"},"
          "{\"do\":\"read\",\"ptr\":{\"var\":\"p\"},\"len\":16777216},{\"do\":\"read\",\"ptr\":{\"var\":\"p\"},\"len\":"
          "16777216},"
          "{\"do\":\"read\",\"ptr\":{\"var\":\"p\"},\"len\":16777216}]}}\n",
          adapter.to);
    assert_next(&adapter, "{\"seq\":1,\"unsupported\":\"the answer would be a line of over 67108864 bytes\"}");
    ck_assert_int_eq(end(&adapter, &complaint), 0);
    free(complaint);
}
END_TEST

TCase *adapter_tests(void)
{
    TCase *group = tcase_create("adapter");
    tcase_add_test(group, it_answers_line_by_line_and_ends_with_its_input);
    tcase_add_test(group, each_operation_answers_as_the_wrapper_does);
    tcase_add_test(group, a_module_that_is_refused_does_not_concern_the_others);
    tcase_add_test(group, it_answers_from_the_module_that_it_was_given);
    tcase_add_test(group, a_line_may_have_64_mib_and_no_byte_more);
    tcase_add_test(group, it_goes_on_after_any_module_and_any_request);
    tcase_add_test(group, an_answer_that_would_be_too_long_is_not_given);
    tcase_add_loop_test(group, what_is_no_request_ends_it_with_one_clear_line, 0, 8);
    return group;
}
