/* Modules with imports: what is provided to them, and functions of the host that call the guest again. */
#include <malloc.h>
#include <string.h>

#include "files.h"
#include "host.h"
#include "tests.h"

/* A text of JSON or Wasm with ' for ", which C would need \ before. */
static char *quoted(const char *text) {
    char *made = format("%s", text);
    for (char *quote = made; (quote = strchr(quote, '\'')) != NULL;) { *quote = '"'; }
    return made;
}

static void assert_imports(const struct library *library, const char *in, const char *answer) {
    assert_answer(library, "raw_imports", quoted(in), quoted(answer));
}

static const char ALL[] =
    "(module (import 'env' 'log' (func $log (param i32 i32) (result i32))) (import 'env' 'memory' (memory 1 2))"
    " (import 'env' 'table' (table 1 2 funcref)) (import 'env' 'base' (global $base i32))"
    " (import 'env' 'sum' (global $sum (mut f64))) (data (i32.const 16) 'hi') (elem (i32.const 0) $log)"
    " (export 'base' (global $base)) (export 'sum' (global $sum)) (global (export 'ref') funcref (ref.null func))"
    " (func (export 'direct') (result i32) (global.set $sum (f64.const 2)) (call $log (i32.const 16) (i32.const 2)))"
    " (func (export 'indirect') (result i32)"
    " (call_indirect (param i32 i32) (result i32) (i32.const 5) (global.get $base) (i32.const 0)))"
    " (func (export 'same') (param i32) (result i32) (local.get 0)))";

#define LOG "{'module':'env','name':'log','func':{'params':['i32','i32'],'results':['i32']}"
#define MEMORY "{'module':'env','name':'memory','memory':{'min':1,'max':2}}"
#define TABLE "{'module':'env','name':'table','table':{'min':1,'max':2}}"
#define BASE "{'module':'env','name':'base','global':{'i32':1024},'mutable':false}"
#define SUM "{'module':'env','name':'sum','global':{'f64':'7ff0000000000001'},'mutable':true}"

TEST(imports, of_every_kind_are_provided) {
    assert_imports(
        load_text(quoted(ALL)),
        "{'after_trap':true,'imports':[" LOG
        ",'calls':[{'steps':[{'do':'read','ptr':{'var':'arg0'},'len':{'var':'arg1'}}],'results':[{'i32':7}]},"
        "{'steps':[{'do':'call','export':'same','args':[{'i32':9}],'as':'x'},{'do':'grow','pages':1},"
        "{'do':'grow','pages':1},{'do':'load','ptr':{'i32':16},'as':'h'},{'do':'global','export':'base','as':'arg0'},"
        "{'do':'load','ptr':{'var':'arg0','plus':130046},'as':'h'}],'results':[{'var':'x','plus':1}]},"
        "{'steps':[],'throw':'enough'}]}," MEMORY "," TABLE "," BASE "," SUM "],"
        "'steps':[{'do':'global','export':'sum'},{'do':'call','export':'direct'},{'do':'call','export':'indirect'},"
        "{'do':'call','export':'indirect'},{'do':'pages'},{'do':'global','export':'sum'},"
        "{'do':'global','export':'sum','as':'s'},{'do':'global','export':'ref'},{'do':'global','export':'same'}]}",
        "{'ok':{'steps':[{'ok':{'results':[{'f64':'7ff0000000000001'}]}},"
        "{'ok':{'results':[{'i32':7}],'calls':[{'import':0,'args':[{'i32':16},{'i32':2}],"
        "'steps':[{'ok':{'bytes':'6869'}}]}]}},"
        "{'ok':{'results':[{'i32':10}],'calls':[{'import':0,'args':[{'i32':5},{'i32':1024}],"
        "'steps':[{'ok':{'results':[{'i32':9}]}},{'ok':{'pages':1}},{'error':'REFUSED'},{'ok':{'value':26984}},"
        "{'ok':{'results':[{'i32':1024}]}},{'error':'OUT_OF_BOUNDS'}]}]}},"
        "{'trap':true,'calls':[{'import':0,'args':[{'i32':5},{'i32':1024}]}]},{'ok':{'pages':2}},"
        "{'ok':{'results':[{'f64':'4000000000000000'}]}},{'ok':{'results':[{'f64':'4000000000000000'}]}},"
        "{'error':'TYPE_MISMATCH'},{'error':'NO_EXPORT'}]}}");
}

TEST(imports, every_result_has_a_name) {
    assert_imports(
        load_text(quoted("(module (import 'e' 'f' (func $f (param i64 f32) (result i64))) (memory (export 'm') 1)"
                         " (data (i32.const 65530) 'hi\\00you')"
                         " (func (export 'run') (result i64) (call $f (i64.const 65531) (f32.const 1)))"
                         " (func (export 'two') (result f64 i64) (f64.const 1) (i64.const -1))"
                         " (func (export 'take') (param i64 f32 f64)))")),
        "{'imports':[{'module':'e','name':'f','func':{'params':['i64','f32'],'results':['i64']},'calls':[{'steps':["
        "{'do':'call','export':'two','as':['d','n']},"
        "{'do':'call','export':'take','args':[{'var':'n','plus':-1},{'var':'arg1'},{'var':'d','plus':0}]},"
        "{'do':'call','export':'take','args':[{'var':'n'},{'var':'arg1','plus':1},{'var':'d'}]},"
        "{'do':'call','export':'two','as':['a','b','c']},"
        "{'do':'read','ptr':{'var':'arg0','plus':-1},'len':'nul'},{'do':'read','ptr':{'i64':'65533'},'len':'nul'},"
        "{'do':'read','ptr':{'i64':'65536'},'len':'nul'},{'do':'read','ptr':{'i64':'4294967296'},'len':0},"
        "{'do':'read','ptr':{'i32':0},'len':{'var':'n'}},{'do':'read','ptr':{'var':'d'},'len':0},"
        "{'do':'read','ptr':{'i32':0},'len':{'var':'d'}},{'do':'read','ptr':{'i32':0},'len':{'var':'n','plus':2}},"
        "{'do':'load','ptr':{'i64':'0'},'as':['x','y']}],'results':[{'var':'n','plus':1}]}]}],"
        "'steps':[{'do':'call','export':'run'}]}",
        "{'ok':{'steps':[{'ok':{'results':[{'i64':'0'}],'calls':[{'import':0,"
        "'args':[{'i64':'65531'},{'f32':'3f800000'}],'steps':["
        "{'ok':{'results':[{'f64':'3ff0000000000000'},{'i64':'-1'}]}},{'ok':{'results':[]}},{'error':'TYPE_MISMATCH'},"
        "{'error':'TYPE_MISMATCH'},{'ok':{'bytes':'6869'}},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},"
        "{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},"
        "{'ok':{'bytes':'00'}},{'error':'TYPE_MISMATCH'}]}]}}]}}");
}

TEST(imports, that_do_not_fit_make_no_instance) {
    static const struct {
        const char *memory, *table, *base, *log;
        bool fits;
    } cases[] = {
        {MEMORY, TABLE, BASE, LOG "}", true},
        {"{'module':'env','name':'memory','memory':{'min':2,'max':2}}", TABLE, BASE, LOG "}", true},
        {"{'module':'env','name':'memory','memory':{'min':0,'max':2}}", TABLE, BASE, LOG "}", false},
        {"{'module':'env','name':'memory','memory':{'min':1,'max':3}}", TABLE, BASE, LOG "}", false},
        {"{'module':'env','name':'memory','memory':{'min':1}}", TABLE, BASE, LOG "}", false},
        {"{'module':'env','name':'memory','table':{'min':1,'max':2}}", TABLE, BASE, LOG "}", false},
        {"{'module':'env','name':'memory.','memory':{'min':1,'max':2}}", TABLE, BASE, LOG "}", false},
        {"{'module':'Env','name':'memory','memory':{'min':1,'max':2}}", TABLE, BASE, LOG "}", false},
        {MEMORY ",{'module':'','name':'','memory':{'min':65536}}", TABLE, BASE, LOG "}", false},
        {MEMORY, "{'module':'env','name':'table','table':{'min':1}}", BASE, LOG "}", false},
        {MEMORY, TABLE, "{'module':'env','name':'base','global':{'i64':'1'},'mutable':false}", LOG "}", false},
        {MEMORY, TABLE, "{'module':'env','name':'base','global':{'i32':1},'mutable':true}", LOG "}", false},
        {MEMORY, TABLE, BASE, "{'module':'env','name':'log','func':{'params':['i32'],'results':['i32']}}", false},
        {MEMORY, TABLE, BASE, "{'module':'env','name':'log','func':{'params':['i32','i32'],'results':[]}}", false},
    };
    const struct library *library = load_text(quoted(ALL));
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        const char *in = format("{'imports':[%s,%s,%s,%s," SUM "],'steps':[]}", cases[at].memory, cases[at].table,
                                cases[at].base, cases[at].log);
        assert_imports(library, in, cases[at].fits ? "{'ok':{'steps':[]}}" : "{'error':'NO_INSTANCE'}");
    }
    assert_answer(library, "raw", "{\"imports\":[],\"steps\":[]}", "{\"error\":\"NO_INSTANCE\"}");
    /* What has no form in a request can be loaded, and that is all. */
    assert_imports(
        load_text(quoted("(module (import 'e' 'f' (func (param funcref) (result externref funcref)))"
                         " (import 'e' 't' (table 0 externref)) (import 'e' 'g' (global (mut externref))))")),
        "{'imports':[],'steps':[]}", "{'error':'NO_INSTANCE'}");
}

TEST(imports, a_start_function_may_call_them) {
    static const char in[] =
        "{'imports':[{'module':'e','name':'f','func':{'params':[],'results':[]},'calls':[{'steps':[{'do':'pages'},"
        "{'do':'global','export':'g'},{'do':'call','export':'x'},{'do':'write','ptr':{'i32':65535},'bytes':'ff'}]},"
        "{'throw':''}]},{'module':'','name':'','memory':{'min':1}}],'steps':[{'do':'pages'},{'do':'call','export':'x'}]"
        "}";
    assert_imports(load_text(quoted("(module (import 'e' 'f' (func $f)) (memory (export 'memory') 3) (start $f)"
                                    " (func (export 'x')) (global (export 'g') i32 (i32.const 1)))")),
                   in,
                   "{'ok':{'calls':[{'import':0,'args':[],'steps':[{'ok':{'pages':1}},{'error':'NO_EXPORT'},"
                   "{'error':'NO_EXPORT'},{'ok':{}}]}],'steps':[{'ok':{'pages':3}},{'ok':{'results':[]}}]}}");
    assert_imports(load_text(quoted("(module (import 'e' 'f' (func $f)) (start $s) (func $s (call $f) (call $f)))")),
                   in, "{'error':'NO_INSTANCE'}");
}

/* Its function f gives three results, which go gives back in another order, and calls f again as often as it is told.
 */
static const char MANY[] =
    "(module (import 'e' 'f' (func $f (param i32) (result i64 f32 i32))) (func (export 'nothing'))"
    " (func (export 'trap') unreachable) (func (export 'go') (param i32) (result i32 f32 i64) (local i32 f32 i64)"
    " (loop (call $f (local.get 0)) (local.set 1) (local.set 2) (local.set 3)"
    " (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1) (local.get 2) (local.get 3)))";

#define F "{'module':'e','name':'f','func':{'params':['i32'],'results':['i64','f32','i32']},'calls':"
#define GO(count) "{'do':'call','export':'go','args':[{'i32':" count "}]}"

TEST(imports, only_the_first_calls_are_told_and_none_takes_memory_for_good) {
    char *calls = format("%s", "");
    for (int at = 0; at < 64; at++) {
        calls = format("%s%s{'import':0,'args':[{'i32':%d}],'steps':[{'ok':{'results':[]}}]}", calls,
                       at == 0 ? "" : ",", 100000 - at);
    }
    static const char in[] = "{'imports':[" F "[{'steps':[{'do':'call','export':'nothing'}],'results':"
                             "[{'i64':'-9223372036854775808'},{'f32':'7fa00001'},{'var':'arg0'}]}]}],"
                             "'steps':[" GO("100000") "," GO("1") "]}";
    size_t before = mallinfo2().uordblks;
    assert_imports(load_text(quoted(MANY)), in,
                   format("{'ok':{'steps':[{'ok':{'results':[{'i32':1},{'f32':'7fa00001'},{'i64':'-9223372036854775808'"
                          "}],'calls':[%s]}},{'ok':{'results':[{'i32':1},{'f32':'7fa00001'},"
                          "{'i64':'-9223372036854775808'}]}}]}}",
                          calls));
    ck_assert_uint_lt(mallinfo2().uordblks - before, 1 << 20);
}

/* For ever, to and fro; the calls after that are done as ever. */
TEST(imports, a_recursion_through_the_host_is_a_trap) {
    const struct library *library = load_text(quoted(MANY));
    char *calls = format("%s", "");
    for (int at = 0; at < 64; at++) {
        calls = format("%s%s{'import':0,'args':[{'i32':3}],'steps':[{'trap':true}]}", calls, at == 0 ? "" : ",");
    }
    for (int times = 0; times < 3; times++) {
        assert_imports(library,
                       "{'after_trap':true,'imports':[" F "[{'steps':[" GO("3") "," GO("3") "]}]}],'steps':[" GO(
                           "3") ",{'do':'call','export':'nothing'}]}",
                       format("{'ok':{'steps':[{'trap':true,'calls':[%s]},{'ok':{'results':[]}}]}}", calls));
    }
}

/* A trap within ends the function, not the steps of the request. What has no names outside has none in the next call.
 */
TEST(imports, a_trap_within_is_a_trap_of_the_function) {
    const struct library *library = load_text(quoted(MANY));
    assert_imports(library,
                   "{'after_trap':true,'imports':[" F "[{'steps':[{'do':'call','export':'trap'},{'do':'pages'}]},{}]}],"
                   "'steps':[" GO("1") "," GO("1") "]}",
                   "{'ok':{'steps':[{'trap':true,'calls':[{'import':0,'args':[{'i32':1}],'steps':[{'trap':true}]}]},"
                   "{'ok':{'results':[{'i32':0},{'f32':'00000000'},{'i64':'0'}],"
                   "'calls':[{'import':0,'args':[{'i32':1}]}]}}]}}");
}

TEST_LOOP(imports, what_a_call_cannot_do_is_unsupported, 6) {
    static const char *const entries[] = {
        "{'steps':[{'do':'dance'}]}",
        "{'steps':[" GO("1") "]},{'steps':[{'do':'pages'},{'do':'dance'}]}",
        "{'results':[{'i64':'0'},{'f32':'00000000'}]}",
        "{'results':[{'i64':'0'},{'f32':'00000000'},{'i64':'0'}]}",
        "{'steps':[{'do':'read','ptr':{'var':'arg1'},'len':1}]}",
        "{'steps':[{'do':'read','ptr':{'var':'outer'},'len':1}]}",
    };
    const struct library *library = load_text(quoted(MANY));
    const char *in = format("{'imports':[" F "[%s]}],'steps':[{'do':'call','export':'go','args':[{'i32':100}],'as':"
                            "'outer'}," GO("100") "]}",
                            entries[_i]);
    json_t *answer = operate(library, "raw_imports", json_loads(quoted(in), 0, NULL));
    ck_assert_msg(json_object_get(answer, "unsupported") != NULL, "%s", json_dumps(answer, 0));
    assert_imports(library, "{'imports':[" F "[]}],'steps':[{'do':'call','export':'nothing'}]}",
                   "{'ok':{'steps':[{'ok':{'results':[]}}]}}");
}

TEST(imports, a_module_may_come_with_the_request) {
    size_t len;
    const unsigned char *wasm = assemble(quoted("(module (import '' '' (memory 1)) (export 'm' (memory 0)))"), &len);
    char *hex = format("%s", "");
    for (size_t at = 0; at < len; at++) { hex = format("%s%02x", hex, wasm[at]); }
    const struct library *library = load_text("(module)");
    assert_imports(library,
                   format("{'wasm':'%s','imports':[{'module':'','name':'','memory':{'min':2}}],"
                          "'steps':[{'do':'grow','pages':1},{'do':'pages'},{'do':'grow','pages':4294967296}]}",
                          hex),
                   "{'ok':{'steps':[{'ok':{'pages':2}},{'ok':{'pages':3}},{'error':'REFUSED'}]}}");
    assert_imports(library, "{'wasm':'00','imports':[],'steps':[]}", "{'error':'MODULE_REFUSED'}");
    assert_imports(library, "{'imports':[],'steps':[{'do':'grow','pages':0},{'do':'pages'}]}",
                   "{'ok':{'steps':[{'error':'REFUSED'},{'ok':{'pages':0}}]}}");
}
