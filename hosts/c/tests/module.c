/* The reader of .wasm files, and what is compiled of them: exports of every name and type. */
#define _GNU_SOURCE

#include "module.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compiler.h"
#include "files.h"
#include "tests.h"

static struct module read_text(const char *wat, int *is_read)
{
    size_t len;
    unsigned char *wasm = assemble(wat, &len);
    struct module module;
    *is_read = module_read(&module, wasm, len);
    free(wasm);
    return module;
}

START_TEST(reads_imports_and_exports)
{
    int is_read;
    struct module module = read_text(
        "(module (import \"env\" \"now\" (func (result f64))) (import \"a\" \"m\" (memory 1 2))"
        " (import \"a\" \"t\" (table 1 funcref)) (import \"a\" \"g\" (global i64)) (func $f (param i32 i64 f32 f64)"
        " (result f32 i32) unreachable) (export \"two\" (func $f)) (export \"now\" (func 0))"
        " (export \"mem\" (memory 0)) (func (export \"ref\") (param externref)))",
        &is_read);
    ck_assert(is_read);
    ck_assert_uint_eq(module.import_count, 4);
    ck_assert_str_eq(module.imports[0], "env.now");
    ck_assert_str_eq(module.imports[3], "a.g");
    ck_assert_str_eq(module.memory, "mem");
    ck_assert_str_eq(module_function(&module, "two")->params, "ijfd");
    ck_assert_str_eq(module_function(&module, "two")->results, "fi");
    ck_assert_str_eq(module_function(&module, "now")->results, "d");
    ck_assert_str_eq(module_function(&module, "ref")->params, "?");
    ck_assert_ptr_null(module_function(&module, "mem"));
    ck_assert(!module_is_signer(&module) && !module_is_adder(&module));
    module_free(&module);
}
END_TEST

/* Every beginning of a module, and every byte of it changed: whatever comes, the reader ends, and reads nothing else.
 */
START_TEST(survives_what_is_cut_short_or_changed)
{
    size_t len;
    unsigned char *wasm = assemble("(module (import \"e\" \"f\" (func (param i32))) (memory (export \"m\") 1)"
                                   " (func (export \"g\") (result i64) i64.const 1))",
                                   &len);
    struct module module;
    for (size_t cut = 0; cut < len; cut++) {
        /* In memory of its own, so that AddressSanitizer sees a read behind it. */
        unsigned char *part = malloc(cut + 1);
        memcpy(part, wasm, cut);
        module_read(&module, part, cut);
        module_free(&module);
        free(part);
        for (int value = 0; value < 256; value++) {
            unsigned char before = wasm[cut];
            wasm[cut] = (unsigned char)value;
            module_read(&module, wasm, len);
            module_free(&module);
            wasm[cut] = before;
        }
    }
    free(wasm);
}
END_TEST

START_TEST(exports_of_any_name_can_be_called)
{
    const struct library *library = load_text(
        "(module (func (export \"\") (result i32) i32.const 1) (func (export \"Z_Zz 0\") (result i32) i32.const 2)"
        " (func (export \"a.b-c/\\22\\5c?\?=%s\") (result i32) i32.const 3) (func (export \"gr\\c3\\bc\\c3\\9f\")"
        " (result i32) i32.const 4) (func (export \"int\") (result i32) i32.const 5)"
        " (func (export \"main\") (result i32) i32.const 6))");
    assert_answer(
        library, "raw",
        "{\"steps\":[{\"do\":\"call\",\"export\":\"\"},{\"do\":\"call\",\"export\":\"Z_Zz 0\"},"
        "{\"do\":\"call\",\"export\":\"a.b-c/\\\"\\\\?\?=%s\"},{\"do\":\"call\",\"export\":\"gr\u00fc\u00df\"},"
        "{\"do\":\"call\",\"export\":\"int\"},{\"do\":\"call\",\"export\":\"main\"}]}",
        "{\"ok\":{\"steps\":[{\"ok\":{\"results\":[{\"i32\":1}]}},{\"ok\":{\"results\":[{\"i32\":2}]}},"
        "{\"ok\":{\"results\":[{\"i32\":3}]}},{\"ok\":{\"results\":[{\"i32\":4}]}},"
        "{\"ok\":{\"results\":[{\"i32\":5}]}},{\"ok\":{\"results\":[{\"i32\":6}]}}]}}");
}
END_TEST

START_TEST(what_cannot_be_compiled_is_refused_with_the_reason)
{
    static const struct {
        const char *wat, *why;
    } cases[] = {
        {"(module (import \"env\" \"now\" (func)))",
         "the module needs imports, which this host does not give: env.now"},
        {"(module (func (export \"f\") (result i32) (i8x16.extract_lane_u 0 (i8x16.splat (i32.const 1)))))",
         "wasm2c was ended by signal 6 (Aborted); the module uses SIMD, which it cannot translate"},
        {NULL, "wasm2c: 0000000: error: unable to read uint32_t: magic"},
    };
    struct compiled compiled;
    char *error;
    size_t len = 0;
    unsigned char *wasm = cases[_i].wat == NULL ? malloc(1) : assemble(cases[_i].wat, &len);
    ck_assert(compile(&compiled, wasm, len, &error));
    ck_assert_ptr_null(compiled.library);
    ck_assert_msg(strncmp(compiled.refused, cases[_i].why, strlen(cases[_i].why)) == 0, "%s", compiled.refused);
    compiled_free(&compiled);
    free(wasm);
}
END_TEST

START_TEST(what_was_not_used_for_long_is_removed)
{
    char dir[] = "/tmp/c-host-test-XXXXXX", old[64], young[64];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(old, sizeof old, "%s/old", dir);
    snprintf(young, sizeof young, "%s/young", dir);
    struct timespec before[2] = {{.tv_sec = time(NULL) - 31 * 86400}, {.tv_sec = time(NULL) - 31 * 86400}};
    for (int touched = 0; touched < 2; touched++) {
        const char *path = touched ? young : old;
        ck_assert(file_write(path, (const unsigned char *)"x", 1));
        ck_assert_int_eq(utimensat(AT_FDCWD, path, before, 0), 0);
    }
    file_touch(young);
    folder_prune(dir, 30);
    ck_assert_int_ne(access(old, F_OK), 0);
    ck_assert_int_eq(access(young, F_OK), 0);
    folder_remove(dir);
}
END_TEST

START_TEST(of_two_memories_the_exported_one_is_looked_at)
{
    const struct library *library =
        load_text("(module (memory $a 1) (memory $b (export \"b\") 2) (func (export \"set\")"
                  " (i32.store8 $a (i32.const 0) (i32.const 1))"
                  " (i32.store8 $b (i32.const 0) (i32.const 2))))");
    assert_answer(
        library, "raw",
        "{\"steps\":[{\"do\":\"call\",\"export\":\"set\"},{\"do\":\"read\",\"ptr\":{\"i32\":0},\"len\":1},"
        "{\"do\":\"pages\"}]}",
        "{\"ok\":{\"steps\":[{\"ok\":{\"results\":[]}},{\"ok\":{\"bytes\":\"02\"}},{\"ok\":{\"pages\":2}}]}}");
}
END_TEST

START_TEST(a_module_with_other_types_is_no_signer)
{
    const struct library *library =
        load_text("(module (memory (export \"memory\") 1) (func (export \"add_numbers\") (param"
                  " i64) (result i64) local.get 0) (func (export \"sign\")))");
    ck_assert_ptr_null(library->signer);
    ck_assert_ptr_null(library->adder);
}
END_TEST

TCase *module_tests(void)
{
    TCase *group = tcase_create("module");
    tcase_add_test(group, reads_imports_and_exports);
    tcase_add_test(group, survives_what_is_cut_short_or_changed);
    tcase_add_test(group, exports_of_any_name_can_be_called);
    tcase_add_loop_test(group, what_cannot_be_compiled_is_refused_with_the_reason, 0, 3);
    tcase_add_test(group, what_was_not_used_for_long_is_removed);
    tcase_add_test(group, of_two_memories_the_exported_one_is_looked_at);
    tcase_add_test(group, a_module_with_other_types_is_no_signer);
    return group;
}
