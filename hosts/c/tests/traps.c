/* Traps, seen from the wrapper, and modules that break their contract. */
#include <string.h>
#include <sys/resource.h>

#include "tests.h"

static struct signer *open_signer(const struct library_signer *with)
{
    struct signer *signer;
    assert_code(with->open(&signer, KEYPAIR, sizeof KEYPAIR), SIGNER_OK);
    return signer;
}

START_TEST(after_a_trap_the_signer_has_a_new_instance_and_its_key)
{
    const struct library_signer *with = signer_raw();
    struct signer *signer = open_signer(with);
    struct signer_bytes messages[2] = {{"hello", 5}, {"hello", 5}};
    unsigned char signature[64], many[2][64], public_key[32];
    for (int times = 0; times < 3; times++) {
        assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, signature), SIGNER_TRAPPED);
        ck_assert_mem_eq(signature, (unsigned char[64]){0}, 64);
        ck_assert_str_eq(with->trap_text(), "unreachable was reached");
        assert_code(with->sign(signer, "hello", 5, signature), SIGNER_OK);
        ck_assert_mem_eq(signature, HELLO_SIGNATURE, 64);
        assert_code(with->sign_many(signer, messages, 2, many), SIGNER_OK);
        ck_assert_mem_eq(many[1], HELLO_SIGNATURE, 64);
        assert_code(with->public_key(signer, public_key), SIGNER_OK);
        ck_assert_mem_eq(public_key, KEYPAIR + 32, 32);
    }
    with->close(&signer);
}
END_TEST

START_TEST(a_trap_without_a_held_key_leaves_none)
{
    const struct library_signer *with = signer_raw();
    struct signer *signer;
    unsigned char signature[64];
    assert_code(with->open(&signer, NULL, 0), SIGNER_OK);
    assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, signature), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_NO_KEY);
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, signature), SIGNER_OK);
    ck_assert_mem_eq(signature, HELLO_SIGNATURE, 64);
    with->close(&signer);
}
END_TEST

START_TEST(a_trap_anywhere_is_reported_and_survived)
{
    static const char *const exports[] = {"sign_loaded",   "sign_batch",        "verify",
                                          "verify_strict", "derive_public_key", "wipe"};
    const char *export = exports[_i];
    const struct library_signer *with = fake_signer(export, "unreachable");
    struct signer *signer = open_signer(with);
    struct signer_bytes message = {"hello", 5};
    unsigned char output[1][64];
    enum signer_code codes[] = {
        with->sign(signer, "hello", 5, output[0]),
        with->sign_many(signer, &message, 1, output),
        with->verify(signer, KEYPAIR, 32, "hello", 5, HELLO_SIGNATURE, 64),
        with->verify_strict(signer, KEYPAIR, 32, "hello", 5, HELLO_SIGNATURE, 64),
        with->derive_public_key(signer, KEYPAIR, 32, output[0]),
        with->wipe(signer),
    };
    for (int at = 0; at < 6; at++) {
        assert_code(codes[at], at == _i ? SIGNER_TRAPPED : SIGNER_OK);
    }
    /* After a wipe, even one that trapped, no key is held. */
    assert_code(with->public_key(signer, output[0]), SIGNER_NO_KEY);
    with->close(&signer);
    ck_assert_ptr_null(signer);
}
END_TEST

START_TEST(a_load_key_that_traps_leaves_no_key)
{
    const struct library_signer *with = fake_signer("load_key", "unreachable");
    struct signer *signer;
    unsigned char signature[64];
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_TRAPPED);
    ck_assert_ptr_null(signer);
    assert_code(with->open(&signer, NULL, 0), SIGNER_OK);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_NO_KEY);
    with->close(&signer);
}
END_TEST

START_TEST(a_module_that_breaks_its_contract_is_not_believed)
{
    static const char *const fakes[][2] = {
        {"sign_loaded", "i32.const 99"},          /* a status that there is not */
        {"sign_loaded", "i32.const -4"},          /* nor may it give a code of the wrapper's */
        {"get_signature_ptr", "i32.const 65500"}, /* a signature that is not all in memory */
        {"get_signature_ptr", "i32.const -32"},   /* nor one that goes around its end */
        {"allocate_message", "i32.const 65534"},  /* no room for the message */
    };
    const struct library_signer *with = fake_signer(fakes[_i][0], fakes[_i][1]);
    struct signer *signer = open_signer(with);
    unsigned char signature[64];
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_TRAPPED);
    ck_assert_mem_eq(signature, (unsigned char[64]){0}, 64);
    with->close(&signer);
}
END_TEST

START_TEST(a_signer_of_another_abi_is_refused)
{
    struct signer *signer;
    const struct library_signer *with = fake_signer("abi_version", "i32.const 2");
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_TRAPPED);
    ck_assert_ptr_null(signer);
    ck_assert_str_eq(with->trap_text(), "the guest breaks its own rules");
}
END_TEST

START_TEST(where_there_is_no_room_the_status_says_why)
{
    const struct library_signer *with = fake_signer("allocate_message", "i32.const 0");
    struct signer *signer = open_signer(with);
    unsigned char signature[64];
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, signature), SIGNER_OUT_OF_MEMORY);
    with->close(&signer);
    with = fake_signer("sign_loaded", "i32.const 6");
    signer = open_signer(with);
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_OUT_OF_MEMORY);
    with->close(&signer);
}
END_TEST

START_TEST(a_pointer_above_2_gib_is_taken_as_unsigned)
{
    /* allocate_message grows memory to 2 GiB and a page, and gives the last one's address: negative, if it were signed.
     */
    const struct library_signer *with =
        fake_signer("allocate_message", "(drop (memory.grow (i32.const 32768))) i32.const 0x80000000");
    struct signer *signer = open_signer(with);
    unsigned char signature[64];
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_OK);
    with->close(&signer);
    with = fake_signer("get_signature_ptr",
                       "(drop (memory.grow (i32.const 32768))) (i32.store8 (i32.const 0x80000000) (i32.const 7)) "
                       "i32.const 0x80000000");
    signer = open_signer(with);
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_OK);
    ck_assert_mem_eq(signature, (unsigned char[64]){7}, 64);
    with->close(&signer);
}
END_TEST

START_TEST(where_no_new_instance_comes_up_the_signer_is_closed)
{
    const struct library_signer *with = signer_raw();
    struct signer *signer = open_signer(with);
    unsigned char signature[64];
    /* The trapped instance gives back its 8 GiB of addresses first: so the limit must be below that. */
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)4 << 30, (rlim_t)4 << 30}), 0);
    assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, signature), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "hello", 5, signature), SIGNER_CLOSED);
    assert_code(with->public_key(signer, signature), SIGNER_CLOSED);
    with->close(&signer);
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_OUT_OF_MEMORY);
    ck_assert_ptr_null(signer);
}
END_TEST

TCase *trap_tests(void)
{
    TCase *group = tcase_create("traps");
    tcase_add_test(group, after_a_trap_the_signer_has_a_new_instance_and_its_key);
    tcase_add_test(group, a_trap_without_a_held_key_leaves_none);
    tcase_add_loop_test(group, a_trap_anywhere_is_reported_and_survived, 0, 6);
    tcase_add_test(group, a_load_key_that_traps_leaves_no_key);
    tcase_add_loop_test(group, a_module_that_breaks_its_contract_is_not_believed, 0, 5);
    tcase_add_test(group, a_signer_of_another_abi_is_refused);
    tcase_add_test(group, where_there_is_no_room_the_status_says_why);
    tcase_add_test(group, a_pointer_above_2_gib_is_taken_as_unsigned);
    if (!IS_SANITIZED) { /* AddressSanitizer needs addresses itself: only the plain build can go without */
        tcase_add_test(group, where_no_new_instance_comes_up_the_signer_is_closed);
    }
    return group;
}
