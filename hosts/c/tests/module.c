/* The reader of .wasm files, and what is compiled of them: exports of every name and type. */
#define _GNU_SOURCE

#include "module.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "compiler.h"
#include "files.h"
#include "tests.h"

TEST(module, reads_what_is_exported) {
    size_t len;
    struct module module;
    unsigned char *wasm = assemble("(module (memory 1) (memory $m 1) (func $g (result f64) f64.const 1)"
                                   " (func $f (param i32 i64 f32 f64) (result f32 i32) unreachable)"
                                   " (export \"two\" (func $f)) (export \"now\" (func $g)) (export \"again\" (func $f))"
                                   " (export \"mem\" (memory $m)) (func (export \"ref\") (param externref)))",
                                   &len);
    ck_assert_ptr_null(module_read(&module, wasm, len));
    ck_assert(module.has_memory && !module.memory_is_named);
    ck_assert_uint_eq(module.memory, 1);
    ck_assert_uint_eq(module.export_count, 4);
    ck_assert_uint_eq(module.function_count, 3);
    ck_assert_str_eq(module_function(&module, "two", 3)->params, "ijfd");
    ck_assert_str_eq(module_function(&module, "two", 3)->results, "fi");
    ck_assert_ptr_eq(module_function(&module, "again", 5), module_function(&module, "two", 3));
    ck_assert_str_eq(module_function(&module, "now", 3)->results, "d");
    ck_assert_str_eq(module_function(&module, "ref", 3)->params, "e");
    ck_assert_ptr_null(module_function(&module, "mem", 3));
    ck_assert_ptr_null(module_function(&module, "two", 2));
    ck_assert_int_eq(abi_kind(&module), MODULE_OF_NO_WRAPPER);
}

/* What is read of a module can be copied, and the copy is read in turn, and is its own copy. */
static void read_and_copy(const unsigned char *wasm, size_t len) {
    struct module module, again;
    if (module_read(&module, wasm, len) == NULL) {
        size_t copy_len, again_len;
        unsigned char *copy = module_copy(&module, &copy_len);
        ck_assert_ptr_null(module_read(&again, copy, copy_len));
        unsigned char *copied = module_copy(&again, &again_len);
        ck_assert_uint_eq(again_len, copy_len);
        ck_assert_mem_eq(copied, copy, copy_len);
    }
    release();
}

/* Every beginning of a module, and every byte of it changed: whatever comes, the reader ends, and reads nothing else
 * (module_read copies it to memory of its own, so that AddressSanitizer would see that). */
TEST(module, survives_what_is_cut_short_or_changed) {
    size_t len;
    const char *const texts[] = {
        "(module (import \"e\" \"f\" (func (param i32))) (import \"e\" \"m\" (memory 1 2)) (import \"e\" \"\" (table 0 "
        "funcref))"
        " (import \"e\" \"g\" (global (mut i64))) (memory (export \"m\") 1) (export \"g\" (global 0)))",
        "(module (memory (export \"m\") 1) (table (export \"t\") 1 funcref) (global (export \"g\") i32 (i32.const 1))"
        " (func $s) (start $s) (data \"x\") (elem func $s) (func (export \"f\") (result i64) i64.const 1)"
        " (func (export \"\\c3\\bc\") (param f32 f64)))"};
    for (size_t text = 0; text < 2; text++) {
        unsigned char *wasm = assemble(texts[text], &len);
        keep();
        for (size_t cut = 0; cut < len; cut++) {
            read_and_copy(wasm, cut);
            for (int value = 0; value < 256; value++) {
                unsigned char before = wasm[cut];
                wasm[cut] = (unsigned char)value;
                read_and_copy(wasm, len);
                wasm[cut] = before;
            }
        }
    }
}

TEST(module, exports_of_any_name_can_be_called) {
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

TEST_LOOP(module, what_cannot_be_compiled_is_refused_with_the_reason, 2) {
    static const struct {
        const char *wat, *why;
    } cases[] = {
        {"(module (func (export \"f\") (result i32) (i8x16.extract_lane_u 0 (i8x16.splat (i32.const 1)))))",
         "wasm2c was ended by signal 6 (Aborted); the module uses SIMD, which it cannot translate"},
        {NULL, "it does not begin as a module of Wasm 1 does"},
    };
    size_t len = 0;
    unsigned char *wasm = cases[_i].wat == NULL ? NULL : assemble(cases[_i].wat, &len);
    const struct compiled *compiled = compile(wasm, len, COMPILE_SECONDS, NULL);
    ck_assert_ptr_null(compiled->library);
    ck_assert_msg(strncmp(compiled->refused, cases[_i].why, strlen(cases[_i].why)) == 0, "%s", compiled->refused);
}

TEST(module, what_was_not_used_for_long_is_removed) {
    const char *dir = new_folder(), *old = format("%s/old", dir), *young = format("%s/young", dir);
    struct timespec before[2] = {{.tv_sec = time(NULL) - 31 * 86400}, {.tv_sec = time(NULL) - 31 * 86400}};
    for (int touched = 0; touched < 2; touched++) {
        const char *path = touched ? young : old;
        ck_assert(file_write(path, "x", 1));
        ck_assert_int_eq(utimensat(AT_FDCWD, path, before, 0), 0);
    }
    file_touch(young);
    folder_prune(dir, 30);
    ck_assert_int_ne(access(old, F_OK), 0);
    ck_assert_int_eq(access(young, F_OK), 0);
    folder_remove(dir);
}

TEST(module, a_module_with_other_types_is_no_signer) {
    const struct library *library =
        load_text("(module (memory (export \"memory\") 1) (func (export \"add_numbers\") (param"
                  " i64) (result i64) local.get 0) (func (export \"sign\")))");
    ck_assert_ptr_null(library->signer);
    ck_assert_ptr_null(library->adder);
}
