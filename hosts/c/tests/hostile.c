/* Modules that mean harm: text that would be C, bytes that are no module, and what takes a machine's time and memory.
 * Wherever a payload runs, it makes a file: MARKER, in the current folder. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compiler.h"
#include "files.h"
#include "host.h"
#include "process.h"
#include "tests.h"

#define MARKER "everyhost-was-here"
#define PAYLOAD                                                                                                        \
    "\n#ifndef P\n#define P\nint creat(const char*,unsigned);"                                                         \
    "__attribute__((constructor))static void x(void){creat(\"" MARKER "\",384);}\n#endif\n/*"

/* The same, with its beginning, for wat2wasm. */
#define PAYLOAD_IN_WAT                                                                                                 \
    "*/\\0a#ifndef P\\0a#define P\\0aint creat(const char*,unsigned);"                                                 \
    "__attribute__((constructor))static void x(void){creat(\\22" MARKER "\\22,384);}\\0a#endif\\0a/*"

/* A name, with its length: there may be a NUL in it. */
#define NAME(text)                                                                                                     \
    { text, sizeof text - 1 }

struct name {
    const char *bytes;
    size_t len;
};

enum { FUNCTION, TABLE, MEMORY, GLOBAL };

struct export {
    struct name name;
    int kind;
};

/* Bytes in the making. */
struct bytes {
    unsigned char *at;
    size_t len;
};

static void put(struct bytes *to, const void *bytes, size_t len) {
    unsigned char *longer = allocate(to->len + len, 1);
    memcpy(longer, to->len == 0 ? (const void *)"" : to->at, to->len);
    memcpy(longer + to->len, bytes, len);
    *to = (struct bytes){longer, to->len + len};
}

static void put_number(struct bytes *to, size_t number) {
    for (; number > 127; number >>= 7) { put(to, &(unsigned char){(unsigned char)(number | 128)}, 1); }
    put(to, &(unsigned char){(unsigned char)number}, 1);
}

static void put_name(struct bytes *to, struct name name) {
    put_number(to, name.len);
    put(to, name.bytes, name.len);
}

static void put_section(struct bytes *to, size_t id, struct bytes section) {
    put_number(to, id);
    put_name(to, (struct name){(const char *)section.at, section.len});
}

/* A module with a table, a memory of a page, a global, and what is exported: the n-th function gives 42 + n. */
static struct bytes module_with(const struct export *exports, size_t count) {
    static const char *const kinds[] = {"func", "table", "memory", "global"};
    const char *wat = "(module (table 1 funcref) (memory 1) (global i32 (i32.const 5))";
    int functions = 0;
    for (size_t at = 0; at < count; at++) {
        char *name = allocate(3 * exports[at].name.len, 1);
        for (size_t byte = 0; byte < exports[at].name.len; byte++) {
            snprintf(name + 3 * byte, 4, "\\%02x", (unsigned char)exports[at].name.bytes[byte]);
        }
        wat = exports[at].kind == FUNCTION
                  ? format("%s (func (export \"%s\") (result i32) i32.const %d)", wat, name, 42 + functions++)
                  : format("%s (export \"%s\" (%s 0))", wat, name, kinds[exports[at].kind]);
    }
    struct bytes wasm;
    wasm.at = assemble(format("%s)", wat), &wasm.len);
    return wasm;
}

/* Whether a payload ran; if so, it may run again. */
static bool was_here(void) { return unlink(MARKER) == 0; }

/* Calls every exported function of a module, and sees the right number. */
static void assert_calls(struct bytes wasm, const struct export *exports, size_t count) {
    const struct library *library = load_bytes(wasm.at, wasm.len);
    int number = 42;
    for (size_t at = 0; at < count; at++) {
        json_t *name = json_stringn(exports[at].name.bytes, exports[at].name.len);
        ck_assert_ptr_nonnull(name);
        json_t *in = json_pack("{s:[{s:s, s:o}]}", "steps", "do", "call", "export", name);
        assert_answer(library, "raw", json_dumps(in, 0),
                      exports[at].kind == FUNCTION
                          ? format("{\"ok\":{\"steps\":[{\"ok\":{\"results\":[{\"i32\":%d}]}}]}}", number++)
                          : "{\"ok\":{\"steps\":[{\"error\":\"NO_EXPORT\"}]}}");
    }
    ck_assert(!was_here());
}

static const struct export NAMES[] = {
    {NAME("*/" PAYLOAD), FUNCTION},
    {NAME("*\\\n/" PAYLOAD "1"), FUNCTION},
    {NAME("*?\?/\n/" PAYLOAD "2"), FUNCTION},
    {NAME("*/\n#include \"/etc/passwd\"\n/*"), FUNCTION},
    {NAME("*/_Pragma(\"GCC error \\\"no\\\"\")/*"), FUNCTION},
    {NAME(""), FUNCTION},
    {NAME("\0"), FUNCTION},
    {NAME("a"), FUNCTION},
    {NAME("a\0"), FUNCTION},
    {NAME("a\0b"), FUNCTION},
    {NAME("\xef\xbb\xbf"), FUNCTION},
    {NAME("\xef\xbb\xbf"
          "a"),
     FUNCTION},
    {NAME("//"), FUNCTION},
    {NAME("\\"), FUNCTION},
    {NAME("?\?/"), FUNCTION},
    {NAME("\""), FUNCTION},
    {NAME("'"), FUNCTION},
    {NAME("#"), FUNCTION},
    {NAME("\n#error\n"), FUNCTION},
    {NAME("%s%n"), FUNCTION},
    /* What is one name in C after wasm2c, or nearly so. */
    {NAME("a-b"), FUNCTION},
    {NAME("aZ2Db"), FUNCTION},
    {NAME("a_b"), FUNCTION},
    {NAME("int"), FUNCTION},
    {NAME("main"), FUNCTION},
    {NAME("library"), FUNCTION},
    {NAME("export0"), FUNCTION},
    {NAME("export1"), FUNCTION},
    {NAME("call0"), FUNCTION},
    {NAME("w2c_export0"), FUNCTION},
    {NAME("Z_moduleZ_export0"), FUNCTION},
    {NAME("\xf0\x9f\x98\x80"), FUNCTION},
    /* Not functions: no such export can be called, whatever is written of it. */
    {NAME("memory"), GLOBAL},
    {NAME("*/" PAYLOAD "3"), MEMORY},
    {NAME("*/" PAYLOAD "4"), TABLE},
    {NAME("*/" PAYLOAD "5"), GLOBAL},
};
enum { NAME_COUNT = sizeof NAMES / sizeof *NAMES };

TEST(hostile, names_of_exports_are_data) { assert_calls(module_with(NAMES, NAME_COUNT), NAMES, NAME_COUNT); }

/* Without the copy the payload does run: otherwise these tests would show nothing. */
TEST(hostile, the_payload_is_good_for_wasm2c_without_the_copy) {
    int status;
    const char *dir = new_folder();
    struct bytes wasm = module_with(NAMES, 1);
    ck_assert(file_write(format("%s/m.wasm", dir), wasm.at, wasm.len));
    shell(
        format("cd %s && wasm2c -n m -o m.c m.wasm && cc -w -fPIC -shared -I%s/signer -o m.so m.c -lm", dir, HOST_DIR),
        &status);
    ck_assert_int_eq(status, 0);
    ck_assert_msg(dlopen(format("%s/m.so", dir), RTLD_NOW | RTLD_LOCAL) != NULL, "%s", dlerror());
    ck_assert(was_here());
    folder_remove(dir);
}

TEST(hostile, a_name_may_be_very_long) {
    char *name = allocate(65536, 1);
    memset(name, '*', 65536);
    const struct export exports[2] = {{{name, 65536}, FUNCTION}, {{name, 65535}, FUNCTION}};
    assert_calls(module_with(exports, 2), exports, 2);
}

TEST(hostile, one_function_may_have_many_names) {
    const struct library *library =
        load_text("(module (func $f (export \"a\") (export \"*/\") (result i32) i32.const 1)"
                  " (func (export \"b\") (result i32) i32.const 2) (export \"c\" (func $f)))");
    assert_answer(library, "raw",
                  "{\"steps\":[{\"do\":\"call\",\"export\":\"c\"},{\"do\":\"call\",\"export\":\"b\"},"
                  "{\"do\":\"call\",\"export\":\"*/\"},{\"do\":\"call\",\"export\":\"a\"}]}",
                  "{\"ok\":{\"steps\":[{\"ok\":{\"results\":[{\"i32\":1}]}},{\"ok\":{\"results\":[{\"i32\":2}]}},"
                  "{\"ok\":{\"results\":[{\"i32\":1}]}},{\"ok\":{\"results\":[{\"i32\":1}]}}]}}");
}

/* A wrapper's names stay as they are, but not what has them with other types, nor the payload beside them. */
TEST(hostile, a_signer_may_have_other_names_too) {
    open_signer(fake_signer("verify", "i32.const 0) (func (export \"*/\\0a#error\\0a/*\")"), KEYPAIR);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "", 0, HELLO_SIGNATURE, 64), SIGNER_OK);
    /* A `verify` of other types is none that the wrapper calls. */
    open_signer(least_signer("(func (export \"verify\") (param f64))"
                             " (global (export \"verify_strict\") i32 (i32.const 1))")
                    ->signer,
                KEYPAIR);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "", 0, HELLO_SIGNATURE, 64), SIGNER_NO_EXPORT);
    assert_code(with->verify_strict(signer, KEYPAIR + 32, 32, "", 0, HELLO_SIGNATURE, 64), SIGNER_NO_EXPORT);
}

/* The example takes any module too. This one cannot verify, which the example says. */
TEST(hostile, the_example_is_made_of_a_copy_too) {
    size_t len;
    int status;
    const char *dir = new_folder(), *path = format("%s/module.wasm", dir);
    const struct fake fake = {.is_least = true, .more = "(func (export \"" PAYLOAD_IN_WAT "\"))"};
    unsigned char *wasm = assemble(fake_text(&fake), &len);
    ck_assert(file_write(path, wasm, len));
    const char *output = shell(format("%s/example.sh --module %s 2>&1", HOST_DIR, path), &status);
    ck_assert_msg(strstr(output, "example: NO_EXPORT: ") != NULL, "%s", output);
    ck_assert(!was_here());
    folder_remove(dir);
}

/* The names that compilers write for debuggers, of the module, of functions and of locals; and a section of any name.
 */
TEST(hostile, custom_sections_are_dropped) {
    static const struct name payload = NAME("*/" PAYLOAD);
    static const struct export f = {NAME("f"), FUNCTION};
    struct bytes wasm = module_with(&f, 1), names = {NULL, 0}, any = {NULL, 0};
    put_name(&names, (struct name)NAME("name"));
    for (size_t kind = 0; kind < 3; kind++) {
        struct bytes part = {NULL, 0};
        put(&part, "\1\0\1\0", 2 * kind);
        put_name(&part, payload);
        put_section(&names, kind, part);
    }
    put_section(&wasm, 0, names);
    put_name(&any, payload);
    put_section(&wasm, 0, any);
    assert_calls(wasm, &f, 1);
}

static void assert_refused(struct bytes wasm, unsigned seconds, const char *why) {
    const char *refused = compile(wasm.at, wasm.len, seconds, NULL)->refused;
    ck_assert_msg(refused != NULL && strstr(refused, why) != NULL, "%s", refused);
}

TEST(hostile, names_of_imports_are_data_too) {
    const struct library *library =
        load_text("(module (import \"\\1b[2J*/\" \"a\\00\\e2\\80\\ae\\0a::error::\\5c\" (func (result i32)))"
                  " (import \"" PAYLOAD_IN_WAT "\" \"" PAYLOAD_IN_WAT "\" (global i32)) (export \"f\" (func 0))"
                  " (export \"" PAYLOAD_IN_WAT "\" (global 0)))");
    json_t *global = json_pack("{s:s, s:s, s:{s:i}}", "module", "*/" PAYLOAD, "name", "*/" PAYLOAD, "global", "i32", 5);
    json_t *in =
        json_pack("{s:[O], s:[{s:s, s:s}]}", "imports", global, "steps", "do", "global", "export", "*/" PAYLOAD);
    json_t *answer = operate(library, "raw_imports", in);
    ck_assert_str_eq(json_string_value(json_object_get(answer, "detail")),
                     "nothing is provided that fits \\x1b[2J*/.a\\x00\\xe2\\x80\\xae\\x0a::error::\\x5c");
    json_array_append_new(json_object_get(in, "imports"),
                          json_pack("{s:s, s:s%, s:{s:[], s:[s]}}", "module", "\x1b[2J*/", "name",
                                    "a\0\xe2\x80\xae\n::error::\\", (size_t)16, "func", "params", "results", "i32"));
    assert_answer(library, "raw_imports", json_dumps(in, 0),
                  "{\"ok\":{\"steps\":[{\"ok\":{\"results\":[{\"i32\":5}]}}]}}");
    ck_assert(!was_here());
}

static const struct {
    const char *hex, *why;
} MALFORMED[] = {
    {"0061736d02000000", "does not begin"},
    {"0061736d0100000001", "ends too early"},
    {"0061736d010000000105016000", "beyond the end"},
    {"0061736d01000000010100010100", "twice there"},
    {"0061736d01000000030100010100", "not in its place"},
    {"0061736d010000000e00", "unknown"},
    {"0061736d01000000ff00", "unknown"},
    {"0061736d0100000001020000", "longer than what is in it"},
    {"0061736d0100000001868080808000010160000000", "over 32 bits"},
    {"0061736d0100000001ffffffff1f00", "over 32 bits"},
    {"0061736d0100000001ffffffff0f00", "beyond the end"},
    {"0061736d010000000105ffffffff0f", "beyond the end"},
    {"0061736d010000000104015f0000", "a form"},
    {"0061736d01000000010501600140 00", "a type that this host"},
    {"0061736d0100000003020100", "a type that is not there"},
    {"0061736d010000000705010166 0000", "of nothing that is there"},
    {"0061736d010000000705010166 0500", "of nothing that is there"},
    {"0061736d01000000 050301 0001 0709 02 0166 0200 0166 0200", "two exports have one name"},
    {"0061736d01000000 0503010001 07050101ff0200", "not UTF-8"},
    {"0061736d01000000 0503010001 070601 02c080 0200", "not UTF-8"},
    {"0061736d01000000 0503010001 070701 03eda080 0200", "not UTF-8"},
    {"0061736d01000000 0503010001 070801 04f4908080 0200", "not UTF-8"},
    {"0061736d01000000 0503010001 070601 02e282 0200", "not UTF-8"},
    {"0061736d01000000 000201ff", "not UTF-8"},
    {"0061736d01000000 0205010165 01ff", "not UTF-8"},
    {"0061736d01000000 020701 0165016d 0000", "a type that is not there"},
    {"0061736d01000000 020701 0165016d 0400", "an import is of a kind"},
    {"0061736d01000000 020801 0165016d 020401", "a memory or a table is of a kind"},
    {"0061736d01000000 020801 0165016d 034000", "a type that this host"},
    {"0061736d01000000 0000", "ends too early"},
};

TEST_LOOP(hostile, what_is_malformed_is_refused, sizeof MALFORMED / sizeof *MALFORMED) {
    struct bytes wasm = {NULL, 0};
    unsigned char byte;
    int read;
    for (const char *hex = MALFORMED[_i].hex; sscanf(hex, " %2hhx%n", &byte, &read) == 1; hex += read) {
        put(&wasm, &byte, 1);
    }
    assert_refused(wasm, COMPILE_SECONDS, MALFORMED[_i].why);
}

/* `count` functions whose bodies are these bytes. */
static struct bytes module_of_bodies(const char *body, size_t body_len, size_t count) {
    struct bytes wasm = {NULL, 0}, functions = {NULL, 0}, code = {NULL, 0};
    put_number(&functions, count);
    put_number(&code, count);
    for (size_t at = 0; at < count; at++) {
        put_number(&functions, 0);
        put_name(&code, (struct name){body, body_len});
    }
    put(&wasm, "\0asm\1\0\0\0", 8);
    put_section(&wasm, 1, (struct bytes){(unsigned char *)"\1\x60\0\0", 4});
    put_section(&wasm, 3, functions);
    put_section(&wasm, 10, code);
    return wasm;
}

TEST(hostile, what_makes_a_tool_crash_is_refused) {
    enum { BLOCKS = 20000 };
    static char body[3 * BLOCKS + 2];
    for (size_t at = 0; at < BLOCKS; at++) { memcpy(body + 1 + 2 * at, "\2\x40", 2); }
    memset(body + 1 + 2 * BLOCKS, 0x0b, BLOCKS + 1);
    assert_refused(module_of_bodies(body, sizeof body, 1), COMPILE_SECONDS, "wasm2c was ended by signal 11");
}

TEST(hostile, what_takes_too_long_is_refused) {
    /* 50,000 locals in a few bytes. */
    static const char body[] = "\1\xd0\x86\3\x7f\x0b";
    assert_refused(module_of_bodies(body, sizeof body - 1, 1000), 1, "CPU time limit exceeded");
}

TEST_LOOP(hostile, a_tool_may_not_take_all_of_the_machine, 6) {
    static const struct {
        const char *script;
        int status;
    } cases[] = {
        {"while :; do :; done", -SIGXCPU},
        {"exec dd if=/dev/zero of=large bs=1 count=1 seek=256M 2>&1", -SIGXFSZ},
        {"exec dd if=/dev/zero of=/dev/null bs=5G count=1 2>&1", 1},
        {"ulimit -c 0; kill -SEGV $$", -SIGSEGV},
        {"[ \"$TMPDIR\" = \"$PWD\" ] || exit 9; read nothing; [ $? = 1 ]", 0},
        {"head -c 100000 /dev/zero; exit 3", 3},
    };
    const char *dir = new_folder(), *output;
    int status = process_run((const char *const[]){"sh", "-c", cases[_i].script, NULL}, dir, _i == 0 ? 1 : 30, &output);
    ck_assert_int_eq(status, cases[_i].status);
    folder_remove(dir);
    ck_assert_int_eq(process_run((const char *const[]){"/nowhere/tool", NULL}, NULL, 1, &output), 127);
}
