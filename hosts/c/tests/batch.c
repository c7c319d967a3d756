/* Batch modules: which one is picked, that its signatures are the same, and what becomes of its key and its traps. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "tests.h"

static const struct signer_bytes MESSAGES[] = {{"hello", 5}, {NULL, 0}, {"a longer message", 16}};
enum { COUNT = sizeof MESSAGES / sizeof *MESSAGES };

/* What wasm2c could not translate. */
static const struct signer_batch_module REFUSED;

static void open_with_modules(const struct signer_batch_module *modules, size_t count) {
    open_signer(signer_raw(), KEYPAIR);
    assert_code(with->set_batch_modules(signer, modules, count), SIGNER_OK);
    ck_assert_int_eq(with->batch_module(signer), -1);
}

static void assert_signs(const unsigned char *seed, int place) {
    unsigned char signatures[COUNT][64], expected[64];
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_OK);
    for (size_t at = 0; at < COUNT; at++) {
        openssl_sign(seed, MESSAGES[at].bytes, MESSAGES[at].len, expected);
        ck_assert_mem_eq(signatures[at], expected, 64);
    }
    ck_assert_int_eq(with->batch_module(signer), place);
}

TEST(batch, the_first_module_that_can_be_used_signs) {
    struct signer_batch_module self_test_fails = module_of(fake_signer("load_key", "i32.const 8"));
    struct signer_batch_module raw = module_of(signer_raw());
    const struct signer_batch_module lists[][3] = {
        {raw, REFUSED, REFUSED}, {REFUSED, raw, REFUSED}, {self_test_fails, raw}, {REFUSED, self_test_fails, raw}};
    static const int places[] = {0, 1, 1, 2};
    for (size_t at = 0; at < 4; at++) {
        open_with_modules(lists[at], 3);
        assert_signs(KEYPAIR, places[at]);
        assert_signs(KEYPAIR, places[at]);
    }
}

TEST(batch, where_none_can_be_used_the_main_module_signs) {
    struct signer_batch_module modules[] = {REFUSED, module_of(fake_signer("load_key", "i32.const 8"))};
    for (size_t count = 0; count <= 2; count++) {
        open_with_modules(modules, count);
        assert_signs(KEYPAIR, -1);
        assert_signs(KEYPAIR, -1);
    }
}

TEST(batch, two_messages_go_to_the_batch_module_and_all_else_to_the_main_one) {
    /* It signs with zeros. */
    struct signer_batch_module fake = module_of(fake_signer("sign_batch", "i32.const 0"));
    static const struct signer_bytes hello[] = {{"hello", 5}, {"hello", 5}};
    static const unsigned char zeros[64];
    unsigned char signatures[2][64];
    open_with_modules(&fake, 1);
    assert_code(with->sign_many(signer, NULL, 0, NULL), SIGNER_OK);
    assert_code(with->sign_many(signer, hello, 1, signatures), SIGNER_OK);
    ck_assert_mem_eq(signatures[0], HELLO_SIGNATURE, 64);
    ck_assert_int_eq(with->batch_module(signer), -1);
    assert_code(with->sign_many(signer, hello, 2, signatures), SIGNER_OK);
    ck_assert_mem_eq(signatures[1], zeros, 64);
    ck_assert_int_eq(with->batch_module(signer), 0);
    assert_code(with->sign_many(signer, hello, 1, signatures), SIGNER_OK);
    ck_assert_mem_eq(signatures[0], HELLO_SIGNATURE, 64);
    ck_assert_int_eq(with->batch_module(NULL), -1);
    assert_code(with->set_batch_modules(NULL, &fake, 1), SIGNER_CLOSED);
}

TEST(batch, a_self_test_that_fails_is_told_where_it_is_the_main_module) {
    assert_code(fake_signer("load_key", "i32.const 8")->open(&signer, KEYPAIR, 64), SIGNER_SELF_TEST_FAILED);
}

TEST(batch, another_key_and_a_wipe_concern_both) {
    static const unsigned char other_seed[32] = {1, 2, 3};
    struct signer_batch_module raw = module_of(signer_raw());
    unsigned char other[64], signatures[COUNT][64];
    openssl_keypair(other_seed, other);
    open_with_modules(&raw, 1);
    assert_signs(KEYPAIR, 0);
    assert_code(with->load_key(signer, other, 64), SIGNER_OK);
    assert_signs(other_seed, 0);
    assert_code(with->load_key(signer, MISMATCHED, 64), SIGNER_KEY_PAIR_MISMATCH);
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_NO_KEY);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_OK);
    assert_signs(KEYPAIR, 0);
    assert_code(with->wipe(signer), SIGNER_OK);
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_NO_KEY);
}

TEST(batch, a_trap_in_one_instance_is_told_and_the_other_goes_on) {
    /* Traps where the first message has 7 bytes, and signs with zeros otherwise. */
    struct signer_batch_module picky = module_of(fake_signer(
        "sign_batch", "(if (i32.eq (i32.load (i32.const 1024)) (i32.const 7)) (then unreachable)) i32.const 0"));
    static const struct signer_bytes good[] = {{"hello", 5}, {"hello", 5}}, bad[] = {{"7 bytes", 7}, {"hello", 5}};
    static const unsigned char zeros[2][64];
    unsigned char signatures[2][64];
    open_with_modules(&picky, 1);
    for (int round = 0; round < 2; round++) {
        assert_code(with->sign_many(signer, bad, 2, signatures), SIGNER_TRAPPED);
        ck_assert_mem_eq(signatures, zeros, sizeof zeros);
        ck_assert_str_eq(with->trap_text(), "unreachable was reached");
        assert_code(with->sign_many(signer, good, 2, signatures), SIGNER_OK);
        ck_assert_int_eq(with->batch_module(signer), 0);
        assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, signatures[0]), SIGNER_TRAPPED);
        assert_signs_hello();
        assert_code(with->sign_many(signer, good, 2, signatures), SIGNER_OK);
    }
}

TEST(batch, a_wipe_that_traps_in_the_batch_module_wipes_the_main_one) {
    struct signer_batch_module fake = module_of(fake_signer("wipe", "unreachable"));
    unsigned char signatures[COUNT][64];
    open_with_modules(&fake, 1);
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_OK);
    assert_code(with->wipe(signer), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, signatures[0]), SIGNER_NO_KEY);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_OK);
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_OK);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, signatures[0]), SIGNER_NO_KEY);
}

/* As the modules made for batches do not verify, and the small ones have no batches. */
TEST(batch, an_export_that_the_module_lacks_is_told_and_nothing_is_lost) {
    const struct library *part = least_signer("");
    unsigned char signatures[COUNT][64];
    open_signer(part->signer, KEYPAIR);
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_NO_EXPORT);
    assert_code(with->sign_many(signer, NULL, 0, NULL), SIGNER_OK);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_NO_EXPORT);
    assert_code(with->verify_strict(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_NO_EXPORT);
    assert_code(with->sign(signer, "hello", 5, signatures[0]), SIGNER_OK);
    /* With a batch module such a signer signs many all the same. */
    struct signer_batch_module raw = module_of(signer_raw());
    assert_code(with->set_batch_modules(signer, &raw, 1), SIGNER_OK);
    assert_code(with->sign_many(signer, MESSAGES, COUNT, signatures), SIGNER_OK);
    ck_assert_mem_eq(signatures[0], HELLO_SIGNATURE, 64);
    ck_assert_str_eq(json_dumps(operations_of(part), JSON_COMPACT),
                     "[\"public_key\",\"sign\",\"session\",\"raw\",\"raw_memory_limit\",\"raw_deadline\","
                     "\"raw_module\",\"raw_imports\"]");
}
