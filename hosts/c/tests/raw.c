/* The raw operations. In this file JSON has ' for ", so that it can be read. */
#define _GNU_SOURCE

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "operations.h"
#include "tests.h"
#include "wire.h"

static const char PROBE[] = "(module (memory (export \"memory\") 1 65535)"
                            " (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))"
                            " (func (export \"load\") (param i32) (result i32) (i32.load (local.get 0)))"
                            " (func (export \"store\") (param i32 i32) (i32.store (local.get 0) (local.get 1)))"
                            " (func (export \"same\") (param i32 i64 f32 f64) (result i32 i64 f32 f64)"
                            "   local.get 0 local.get 1 local.get 2 local.get 3)"
                            " (func (export \"same_f32\") (param f32) (result f32) local.get 0)"
                            " (func (export \"nothing\"))"
                            " (func (export \"ref\") (param externref))"
                            " (func (export \"spin\") (loop $again (br $again)))"
                            " (func (export \"trap\") unreachable))";

/* JSON with " for ', to be freed. */
static char *json(const char *text)
{
    char *copy = strdup(text);
    for (char *at = copy; (at = strchr(at, '\'')) != NULL;) {
        *at = '"';
    }
    return copy;
}

static void assert_raw(const struct library *library, const char *op, const char *in, const char *answer)
{
    char *given = json(in), *wanted = json(answer);
    assert_answer(library, op, given, wanted);
    free(given);
    free(wanted);
}

static const struct {
    const char *op, *in, *answer;
} CASES[] = {
    {"raw", "{'steps':[]}", "{'ok':{'steps':[]}}"},
    {"raw",
     "{'steps':[{'do':'call','export':'same','args':[{'i32':-2147483648},{'i64':'-9223372036854775808'},{'f32':'"
     "7fa00001'},"
     "{'f64':'7ff4000000000001'}]}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'i32':-2147483648},{'i64':'-9223372036854775808'},{'f32':'7fa00001'},"
     "{'f64':'7ff4000000000001'}]}}]}}"},
    {"raw", "{'steps':[{'do':'call','export':'same_f32','args':[{'f32':'ff800001'}]}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'f32':'ff800001'}]}}]}}"},
    {"raw",
     "{'steps':[{'do':'write','ptr':{'i32':65532},'bytes':'01020304'},{'do':'write','ptr':{'i32':65533},'bytes':'"
     "05060708'},"
     "{'do':'read','ptr':{'i32':65532},'len':4},{'do':'read','ptr':{'i32':65533},'len':4},"
     "{'do':'read','ptr':{'i32':-1},'len':1},{'do':'read','ptr':{'i32':0},'len':4294967296},"
     "{'do':'read','ptr':{'i32':65536},'len':0},{'do':'pages'}]}",
     "{'ok':{'steps':[{'ok':{}},{'error':'OUT_OF_BOUNDS'},{'ok':{'bytes':'01020304'}},{'error':'OUT_OF_BOUNDS'},"
     "{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},{'ok':{'bytes':''}},{'ok':{'pages':1}}]}}"},
    {"raw",
     "{'steps':[{'do':'call','export':'grow','args':[{'i32':32768}],'as':'old'},{'do':'write','ptr':{'i32':-2147483648}"
     ","
     "'bytes':{'repeat':'07','times':4}},{'do':'call','export':'load','args':[{'i32':-2147483648}],'as':'it'},"
     "{'do':'read','ptr':{'var':'it','plus':-117901063},'len':2},{'do':'read','ptr':{'var':'old','plus':2147483646},'"
     "len':3}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}},{'ok':{}},{'ok':{'results':[{'i32':117901063}]}},"
     "{'ok':{'bytes':'0000'}},{'ok':{'bytes':'000707'}}]}}"},
    {"raw",
     "{'steps':[{'do':'call','export':'absent'},{'do':'call','export':'memory'},{'do':'call','export':'nothing'}]}",
     "{'ok':{'steps':[{'error':'NO_EXPORT'},{'error':'NO_EXPORT'},{'ok':{'results':[]}}]}}"},
    /* Nothing is called with what has not the number and the types of the parameters. */
    {"raw",
     "{'steps':[{'do':'call','export':'grow'},{'do':'call','export':'grow','args':[{'i64':'1'}]},"
     "{'do':'call','export':'grow','args':[{'f32':'00000001'}]},{'do':'call','export':'grow','args':[{'f64':'"
     "0000000000000001'}]},"
     "{'do':'call','export':'grow','args':[{'i32':1},{'i32':1}]},{'do':'call','export':'nothing','as':'x'},"
     "{'do':'call','export':'same_f32','args':[{'f32':'00000000'}],'as':'x'},"
     "{'do':'call','export':'ref','args':[{'i32':0}]},{'do':'call','export':'ref'},"
     "{'do':'read','ptr':{'i64':'0'},'len':1},{'do':'write','ptr':{'f32':'00000000'},'bytes':'01'},{'do':'pages'}]}",
     "{'ok':{'steps':[{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},"
     "{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},"
     "{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},"
     "{'ok':{'pages':1}}]}}"},
    {"raw",
     "{'steps':[{'do':'read','ptr':{'i32':65536},'len':0},{'do':'read','ptr':{'i32':65537},'len':0},"
     "{'do':'write','ptr':{'i32':-1},'bytes':''},{'do':'read','ptr':{'i32':0},'len':4294967295},"
     "{'do':'read','ptr':{'i32':-1},'len':4294967295}]}",
     "{'ok':{'steps':[{'ok':{'bytes':''}},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},"
     "{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'}]}}"},
    {"raw",
     "{'steps':[{'do':'call','export':'grow','args':[{'i32':65534}]},{'do':'pages'},"
     "{'do':'read','ptr':{'i32':-65544},'len':8},{'do':'read','ptr':{'i32':-65544},'len':9}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}},{'ok':{'pages':65535}},{'ok':{'bytes':'0000000000000000'}},"
     "{'error':'OUT_OF_BOUNDS'}]}}"},
    {"raw", "{'steps':[{'do':'pages'},{'do':'call','export':'trap'},{'do':'pages'}]}",
     "{'ok':{'steps':[{'ok':{'pages':1}},{'trap':true}]}}"},
    {"raw_memory_limit",
     "{'max_pages':3,'steps':[{'do':'call','export':'grow','args':[{'i32':3}]},{'do':'call','export':'grow','args':[{'"
     "i32':2}]},"
     "{'do':'call','export':'grow','args':[{'i32':1}]},{'do':'pages'}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'i32':-1}]}},{'ok':{'results':[{'i32':1}]}},{'ok':{'results':[{'i32':-1}]}},"
     "{'ok':{'pages':3}}]}}"},
    {"raw", "{'steps':[{'do':'call','export':'grow','args':[{'i32':3}]}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}}]}}"},
    {"raw_deadline", "{'deadline_ms':50,'steps':[{'do':'pages'},{'do':'call','export':'spin'},{'do':'pages'}]}",
     "{'ok':{'steps':[{'ok':{'pages':1}},{'error':'CUT_OFF'}]}}"},
    {"raw_deadline", "{'deadline_ms':5000,'steps':[{'do':'call','export':'nothing'},{'do':'call','export':'trap'}]}",
     "{'ok':{'steps':[{'ok':{'results':[]}},{'trap':true}]}}"},
    {"kept_view", "{'ptr':1024,'value':67305985}", "{'ok':{'bytes':'01020304'}}"},
    {"kept_view", "{'ptr':65533,'value':1}", "{'error':'OUT_OF_BOUNDS'}"},
    /* (module (func (export "f") (result i32) i32.const 42)) */
    {"raw_module",
     "{'wasm':'0061736d010000000105016000017f030201000705010166000"
     "00a06010400412a0b',"
     "'steps':[{'do':'call','export':'f'}]}",
     "{'ok':{'steps':[{'ok':{'results':[{'i32':42}]}}]}}"},
    {"raw_module", "{'wasm':'0061736d01000000ff','steps':[]}", "{'error':'MODULE_REFUSED'}"},
    {"raw_module", "{'wasm':'','steps':[]}", "{'error':'MODULE_REFUSED'}"},
};

START_TEST(steps_are_done_in_order)
{
    assert_raw(load_text(PROBE), CASES[_i].op, CASES[_i].in, CASES[_i].answer);
}
END_TEST

static const struct {
    const char *op, *in, *why;
} BAD[] = {
    {"raw", "{}", "steps is an array"},
    {"raw", "{'steps':[{'do':'fly'}]}", "no such step: fly"},
    {"raw", "{'steps':[{}]}", "no such step: without a name"},
    {"raw", "{'steps':[{'do':'call','export':'load','args':[{'i32':2147483648}]}]}", "not a value"},
    {"raw", "{'steps':[{'do':'call','export':'load','args':[{'var':'x'}]}]}", "not a value"},
    {"raw", "{'steps':[{'do':'call','export':'same_f32','args':[{'f32':'7fa0000'}]}]}", "not a value"},
    {"raw",
     "{'steps':[{'do':'call','export':'grow','args':[{'i32':1000}]},{'do':'read','ptr':{'i32':0},'len':33554433}]}",
     "33554433 bytes are more than a line of an answer can have"},
    {"raw", "{'steps':[{'do':'write','ptr':{'i32':0},'bytes':'0G'}]}", "bytes are lower-case hex"},
    {"raw_deadline", "{'deadline_ms':0,'steps':[]}", "max_pages and deadline_ms are greater than 0"},
    {"raw_module", "{'wasm':'0','steps':[]}", "bytes are lower-case hex"},
    {"sign", "{}", "sign is not an operation of this module"},
    {"fly", "{}", "fly is not an operation of this module"},
};

START_TEST(what_cannot_be_done_is_said)
{
    char *given = json(BAD[_i].in);
    json_t *in = json_loads(given, 0, NULL);
    ck_assert_ptr_nonnull(in);
    json_t *answer = operate(load_text(PROBE), BAD[_i].op, in);
    const char *why = json_string_value(json_object_get(answer, "unsupported"));
    ck_assert_msg(why != NULL && strncmp(why, BAD[_i].why, strlen(BAD[_i].why)) == 0, "%s", why);
    json_decref(answer);
    json_decref(in);
    free(given);
    request_end();
}
END_TEST

START_TEST(an_instance_that_cannot_be_made_is_the_answer)
{
    static const char *const modules[] = {
        "(module (memory (export \"memory\") 2) (func $f unreachable) (start $f))",
        "(module (func $f (call $f)) (start $f))",
        "(module (memory 1) (data (i32.const 65536) \"x\"))",
        "(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))",
        "(module (memory 65536))",
        "(module (table 4294967295 funcref))",
    };
    static const char NO_INSTANCE[] = "{'error':'NO_INSTANCE'}";
    const struct library *library = load_text(modules[_i]);
    assert_raw(library, "raw", "{'steps':[]}", NO_INSTANCE);
    assert_raw(library, "raw", "{'steps':[{'do':'pages'}]}", NO_INSTANCE);
    assert_raw(library, "raw_memory_limit", "{'max_pages':65536,'steps':[]}", NO_INSTANCE);
    assert_raw(library, "raw_deadline", "{'deadline_ms':1000,'steps':[]}", NO_INSTANCE);
    size_t len;
    unsigned char *wasm = assemble(modules[_i], &len);
    json_t *hex = hex_of(wasm, len);
    char *in = format("{'wasm':'%s','steps':[]}", json_string_value(hex));
    assert_raw(load_text("(module)"), "raw_module", in, NO_INSTANCE);
    json_decref(hex);
    free(in);
    free(wasm);
}
END_TEST

START_TEST(a_request_may_not_have_more_bytes_than_it_should)
{
    json_t *bytes = json_pack("{s:s, s:i}", "repeat", "00", "times", 67108864), *steps = json_array();
    for (int times = 0; times < 5; times++) {
        json_array_append_new(steps, json_pack("{s:s, s:{s:i}, s:O}", "do", "write", "ptr", "i32", 0, "bytes", bytes));
    }
    json_t *in = json_pack("{s:o}", "steps", steps);
    json_t *answer = operate(load_text(PROBE), "raw", in);
    ck_assert_ptr_nonnull(json_object_get(answer, "unsupported"));
    json_decref(answer);
    json_decref(in);
    json_decref(bytes);
    request_end();
}
END_TEST

START_TEST(a_stack_overflow_says_so)
{
    json_t *in = json_pack("{s:[{s:s, s:s}]}", "steps", "do", "call", "export", "f");
    json_t *answer = operate(load_text("(module (func $f (export \"f\") (call $f)))"), "raw", in);
    const json_t *step = json_array_get(json_object_get(json_object_get(answer, "ok"), "steps"), 0);
    ck_assert(json_is_true(json_object_get(step, "trap")));
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(step, "detail")), "stack overflow"));
    json_decref(answer);
    json_decref(in);
    request_end();
}
END_TEST

START_TEST(a_module_without_memory_has_none)
{
    assert_raw(load_text("(module (memory 1))"), "raw",
               "{'steps':[{'do':'pages'},{'do':'read','ptr':{'i32':0},'len':0},{'do':'read','ptr':{'i32':0},'len':1},"
               "{'do':'write','ptr':{'i32':0},'bytes':''},{'do':'read','ptr':{'i32':1},'len':0}]}",
               "{'ok':{'steps':[{'ok':{'pages':0}},{'ok':{'bytes':''}},{'error':'OUT_OF_BOUNDS'},{'ok':{}},"
               "{'error':'OUT_OF_BOUNDS'}]}}");
}
END_TEST

/* Each memory has as many pages as its number says. */
START_TEST(the_memory_is_the_one_named_memory_or_else_the_first)
{
    static const struct {
        const char *exports;
        int pages;
    } cases[] = {
        {"(export \"b\" (memory $two)) (export \"a\" (memory $one))", 2},
        {"(export \"a\" (memory $three)) (export \"memory\" (memory $one)) (export \"b\" (memory $two))", 1},
        {"(export \"memory\" (func $f)) (export \"f\" (memory $three)) (export \"a\" (memory $one))", 3},
        {"(export \"memory\" (global $g)) (export \"\" (memory $two))", 2},
        {"(export \"memory\" (table $t))", 0},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        char *wat = format("(module (memory $one 1) (memory $two 2) (memory $three 3) (func $f) (table $t 1 funcref)"
                           " (global $g i32 (i32.const 0)) %s)",
                           cases[at].exports);
        char *answer = format("{'ok':{'steps':[{'ok':{'pages':%d}}]}}", cases[at].pages);
        assert_raw(load_text(wat), "raw", "{'steps':[{'do':'pages'}]}", answer);
        free(wat);
        free(answer);
    }
}
END_TEST

TCase *raw_tests(void)
{
    TCase *group = tcase_create("raw");
    tcase_add_loop_test(group, steps_are_done_in_order, 0, sizeof CASES / sizeof *CASES);
    tcase_add_loop_test(group, what_cannot_be_done_is_said, 0, sizeof BAD / sizeof *BAD);
    tcase_add_loop_test(group, an_instance_that_cannot_be_made_is_the_answer, 0, 6);
    tcase_add_test(group, a_request_may_not_have_more_bytes_than_it_should);
    tcase_add_test(group, a_stack_overflow_says_so);
    tcase_add_test(group, a_module_without_memory_has_none);
    tcase_add_test(group, the_memory_is_the_one_named_memory_or_else_the_first);
    return group;
}
