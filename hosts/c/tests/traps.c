/* Traps, seen from the wrapper, and modules that break their contract. */
#include <string.h>
#include <sys/resource.h>

#include "tests.h"

TEST(traps, after_a_trap_the_signer_has_a_new_instance_and_its_key) {
    open_signer(signer_raw(), KEYPAIR);
    struct signer_bytes messages[2] = {{"hello", 5}, {"hello", 5}};
    unsigned char many[2][64], public_key[32];
    for (int times = 0; times < 3; times++) {
        assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, output), SIGNER_TRAPPED);
        ck_assert_mem_eq(output, (unsigned char[64]){0}, 64);
        ck_assert_str_eq(with->trap_text(), "unreachable was reached");
        assert_signs_hello();
        assert_code(with->sign_many(signer, messages, 2, many), SIGNER_OK);
        ck_assert_mem_eq(many[1], HELLO_SIGNATURE, 64);
        assert_code(with->public_key(signer, public_key), SIGNER_OK);
        ck_assert_mem_eq(public_key, KEYPAIR + 32, 32);
    }
}

TEST(traps, a_trap_without_a_held_key_leaves_none) {
    open_signer(signer_raw(), NULL);
    assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, output), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, output), SIGNER_OK);
    ck_assert_mem_eq(output, HELLO_SIGNATURE, 64);
}

TEST_LOOP(traps, a_trap_anywhere_is_reported_and_survived, 6) {
    static const char *const exports[] = {"sign_loaded",   "sign_batch",        "verify",
                                          "verify_strict", "derive_public_key", "wipe"};
    const char *export = exports[_i];
    open_signer(fake_signer(export, "unreachable"), KEYPAIR);
    struct signer_bytes message = {"hello", 5};
    enum signer_code codes[] = {
        with->sign(signer, "hello", 5, output),
        with->sign_many(signer, &message, 1, &output),
        with->verify(signer, KEYPAIR, 32, "hello", 5, HELLO_SIGNATURE, 64),
        with->verify_strict(signer, KEYPAIR, 32, "hello", 5, HELLO_SIGNATURE, 64),
        with->derive_public_key(signer, KEYPAIR, 32, output),
        with->wipe(signer),
    };
    for (int at = 0; at < 6; at++) { assert_code(codes[at], at == _i ? SIGNER_TRAPPED : SIGNER_OK); }
    /* After a wipe, even one that trapped, no key is held. */
    assert_code(with->public_key(signer, output), SIGNER_NO_KEY);
    with->close(&signer);
    ck_assert_ptr_null(signer);
}

TEST(traps, a_load_key_that_traps_leaves_no_key) {
    with = fake_signer("load_key", "unreachable");
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_TRAPPED);
    ck_assert_ptr_null(signer);
    open_signer(with, NULL);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
}

TEST_LOOP(traps, a_module_that_breaks_its_contract_is_not_believed, 5) {
    static const char *const fakes[][2] = {
        {"sign_loaded", "i32.const 99"},          /* a status that there is not */
        {"sign_loaded", "i32.const -4"},          /* nor may it give a code of the wrapper's */
        {"get_signature_ptr", "i32.const 65500"}, /* a signature that is not all in memory */
        {"get_signature_ptr", "i32.const -32"},   /* nor one that goes around its end */
        {"allocate_message", "i32.const 65534"},  /* no room for the message */
    };
    open_signer(fake_signer(fakes[_i][0], fakes[_i][1]), KEYPAIR);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_TRAPPED);
    ck_assert_mem_eq(output, (unsigned char[64]){0}, 64);
}

TEST(traps, a_signer_of_another_abi_is_refused) {
    with = fake_signer("abi_version", "i32.const 2");
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_TRAPPED);
    ck_assert_ptr_null(signer);
    ck_assert_str_eq(with->trap_text(), "the guest breaks its own rules");
}

TEST(traps, where_there_is_no_room_the_status_says_why) {
    open_signer(fake_signer("allocate_message", "i32.const 0"), KEYPAIR);
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, output), SIGNER_OUT_OF_MEMORY);
    open_signer(fake_signer("sign_loaded", "i32.const 6"), KEYPAIR);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_OUT_OF_MEMORY);
}

TEST(traps, a_pointer_above_2_gib_is_taken_as_unsigned) {
    /* allocate_message grows memory to 2 GiB and a page, and gives the last one's address: negative, if it were signed.
     */
    open_signer(fake_signer("allocate_message", "(drop (memory.grow (i32.const 32768))) i32.const 0x80000000"),
                KEYPAIR);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_OK);
    open_signer(fake_signer("get_signature_ptr",
                            "(drop (memory.grow (i32.const 32768))) (i32.store8 (i32.const 0x80000000) (i32.const 7)) "
                            "i32.const 0x80000000"),
                KEYPAIR);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_OK);
    ck_assert_mem_eq(output, (unsigned char[64]){7}, 64);
}

/* AddressSanitizer needs addresses itself: only the plain build can go without. */
TEST_LOOP(traps, where_no_new_instance_comes_up_the_signer_is_closed, IS_SANITIZED ? 0 : 1) {
    open_signer(signer_raw(), KEYPAIR);
    /* The trapped instance gives back its 8 GiB of addresses first: so the limit must be below that. */
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)4 << 30, (rlim_t)4 << 30}), 0);
    assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, output), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_CLOSED);
    assert_code(with->public_key(signer, output), SIGNER_CLOSED);
    with->close(&signer);
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_OUT_OF_MEMORY);
    ck_assert_ptr_null(signer);
}
