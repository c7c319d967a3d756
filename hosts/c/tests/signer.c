/* The wrapper: what it answers, what it refuses, and in which order it looks. */
#include <string.h>

#include "files.h"
#include "tests.h"

enum { MIB = 1024 * 1024, TOO_LONG = 16 * MIB + 1 };

TEST(signer, signs_hello_as_the_book_does) {
    open_signer(signer_raw(), KEYPAIR);
    struct signer_bytes hello = {"hello", 5};
    unsigned char public_key[32];
    assert_signs_hello();
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, output), SIGNER_OK);
    ck_assert_mem_eq(output, HELLO_SIGNATURE, 64);
    assert_code(with->sign_many(signer, &hello, 1, &output), SIGNER_OK);
    ck_assert_mem_eq(output, HELLO_SIGNATURE, 64);
    assert_code(with->public_key(signer, public_key), SIGNER_OK);
    ck_assert_mem_eq(public_key, KEYPAIR + 32, 32);
    assert_code(with->derive_public_key(signer, KEYPAIR, 32, public_key), SIGNER_OK);
    ck_assert_mem_eq(public_key, KEYPAIR + 32, 32);
}

TEST(signer, text_is_signed_as_its_bytes) {
    open_signer(signer_raw(), KEYPAIR);
    const char *const texts[] = {"", u8"grüß dich", u8"שלום", u8"\U0001F600"};
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
        size_t len = strlen(texts[at]);
        assert_signs_message(texts[at], len);
        assert_code(with->verify(signer, KEYPAIR + 32, 32, texts[at], len, output, 64), SIGNER_OK);
    }
}

TEST(signer, an_empty_message_may_be_null) {
    open_signer(signer_raw(), KEYPAIR);
    unsigned char wanted[64];
    openssl_sign(KEYPAIR, "", 0, wanted);
    assert_code(with->sign(signer, NULL, 0, output), SIGNER_OK);
    ck_assert_mem_eq(output, wanted, 64);
    assert_code(with->sign_many(signer, NULL, 0, NULL), SIGNER_OK);
}

TEST(signer, signers_are_apart) {
    unsigned char other_seed[32] = {0}, other[64], wanted[64];
    openssl_keypair(other_seed, other);
    openssl_sign(other_seed, "hello", 5, wanted);
    open_signer(signer_raw(), KEYPAIR);
    struct signer *two;
    assert_code(with->open(&two, other, 64), SIGNER_OK);
    assert_signs_hello();
    assert_code(with->wipe(signer), SIGNER_OK);
    assert_code(with->sign(two, "hello", 5, output), SIGNER_OK);
    ck_assert_mem_eq(output, wanted, 64);
    with->close(&two);
}

TEST(signer, wrong_lengths_are_refused) {
    unsigned char twice[128] = {0};
    const size_t keypair_lens[] = {1, 32, 63, 65, 128}, lens[] = {0, 31, 33, 64};
    with = signer_raw();
    for (size_t at = 0; at < 5; at++) {
        assert_code(with->open(&signer, twice, keypair_lens[at]), SIGNER_KEY_LENGTH);
        ck_assert_ptr_null(signer);
    }
    assert_code(with->open(&signer, KEYPAIR, 0), SIGNER_KEY_LENGTH);
    open_signer(signer_raw(), NULL);
    for (size_t at = 0; at < 4; at++) {
        assert_code(with->derive_public_key(signer, twice, lens[at], output), SIGNER_KEY_LENGTH);
        assert_code(with->sign_with(signer, twice, lens[at] + 1, "", 0, output), SIGNER_KEY_LENGTH);
        assert_code(with->verify(signer, twice, lens[at], "", 0, output, 64), SIGNER_PUBLIC_KEY_LENGTH);
        assert_code(with->verify_strict(signer, twice, lens[at], "", 0, output, 64), SIGNER_PUBLIC_KEY_LENGTH);
        assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, lens[at] - (lens[at] == 64)),
                    SIGNER_SIGNATURE_INVALID);
    }
    with->close(&signer);
    assert_code(with->open(&signer, MISMATCHED, 64), SIGNER_KEY_PAIR_MISMATCH);
    ck_assert_ptr_null(signer);
}

TEST(signer, a_message_may_have_16_mib_and_no_byte_more) {
    open_signer(signer_raw(), KEYPAIR);
    char *message = allocate(1, TOO_LONG);
    unsigned char wanted[64], many[2][64];
    struct signer_bytes messages[] = {{"", 0}, {message, TOO_LONG}};
    assert_signs_message(message, TOO_LONG - 1);
    memcpy(wanted, output, 64);
    assert_code(with->sign(signer, message, TOO_LONG, output), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->sign(signer, message, (size_t)1 << 32, output), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->sign_with(signer, KEYPAIR, 64, message, TOO_LONG, output), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->sign_many(signer, messages, 2, many), SIGNER_MESSAGE_TOO_LARGE);
    ck_assert_mem_eq(many, (unsigned char[128]){0}, 128);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, message, TOO_LONG, wanted, 64), SIGNER_MESSAGE_TOO_LARGE);
    /* The key is looked at first, then the message, then the signature. */
    assert_code(with->sign_with(signer, KEYPAIR, 0, message, TOO_LONG, output), SIGNER_KEY_LENGTH);
    assert_code(with->verify(signer, NULL, 0, message, TOO_LONG, wanted, 0), SIGNER_PUBLIC_KEY_LENGTH);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, message, TOO_LONG, wanted, 0), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->wipe(signer), SIGNER_OK);
    assert_code(with->sign(signer, message, TOO_LONG, output), SIGNER_NO_KEY);
    assert_code(with->sign_many(signer, messages, 2, many), SIGNER_NO_KEY);
}

TEST_LOOP(signer, many_are_signed_as_one_by_one, 6) {
    open_signer(signer_raw(), KEYPAIR);
    const size_t count = (size_t[]){0, 1, 2, 4096, 4097, 8193}[_i];
    struct signer_bytes *messages = allocate(count, sizeof *messages);
    uint32_t *numbers = allocate(count, sizeof *numbers);
    unsigned char(*signatures)[64] = allocate(count, 64), wanted[64];
    for (size_t at = 0; at < count; at++) {
        numbers[at] = (uint32_t)at;
        messages[at] = (struct signer_bytes){&numbers[at], at % 5};
    }
    assert_code(with->sign_many(signer, messages, count, signatures), SIGNER_OK);
    for (size_t at = 0; at < count; at++) {
        openssl_sign(KEYPAIR, messages[at].bytes, messages[at].len, wanted);
        ck_assert_mem_eq(signatures[at], wanted, 64);
    }
}

TEST(signer, batches_over_16_mib_are_split) {
    open_signer(signer_raw(), KEYPAIR);
    const size_t lens[] = {9 * MIB, 9 * MIB, 7 * MIB, 1, 16 * MIB, 0, 1};
    enum { COUNT = sizeof lens / sizeof *lens };
    char *bytes = allocate(1, 16 * MIB);
    struct signer_bytes messages[COUNT];
    unsigned char signatures[COUNT][64], wanted[64];
    for (size_t at = 0; at < COUNT; at++) { messages[at] = (struct signer_bytes){bytes, lens[at]}; }
    assert_code(with->sign_many(signer, messages, COUNT, signatures), SIGNER_OK);
    for (size_t at = 0; at < COUNT; at++) {
        openssl_sign(KEYPAIR, bytes, lens[at], wanted);
        ck_assert_mem_eq(signatures[at], wanted, 64);
    }
}

TEST(signer, verifies_what_was_signed_and_nothing_else) {
    unsigned char flipped[64], no_point[32] = {2}, identity[64] = {1};
    open_signer(signer_raw(), NULL);
    memcpy(flipped, HELLO_SIGNATURE, 64);
    flipped[0] ^= 1;
    for (int strict = 0; strict < 2; strict++) {
        enum signer_code (*verify)(struct signer *, const void *, size_t, const void *, size_t, const void *, size_t) =
            strict ? with->verify_strict : with->verify;
        assert_code(verify(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_OK);
        assert_code(verify(signer, KEYPAIR + 32, 32, "hellp", 5, HELLO_SIGNATURE, 64), SIGNER_SIGNATURE_INVALID);
        assert_code(verify(signer, KEYPAIR + 32, 32, "hello", 5, flipped, 64), SIGNER_SIGNATURE_INVALID);
        assert_code(verify(signer, no_point, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_SIGNATURE_INVALID);
    }
    /* R is the identity and S is 0: right for every message under a key of small order, but not strictly. */
    assert_code(with->verify(signer, identity, 32, "any", 3, identity, 64), SIGNER_OK);
    assert_code(with->verify_strict(signer, identity, 32, "any", 3, identity, 64), SIGNER_SIGNATURE_INVALID);
}

TEST(signer, without_a_key_it_verifies_and_derives) {
    open_signer(signer_raw(), NULL);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_OK);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
    assert_code(with->sign_many(signer, NULL, 0, NULL), SIGNER_NO_KEY);
    assert_code(with->public_key(signer, output), SIGNER_NO_KEY);
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, output), SIGNER_OK);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_OK);
    assert_signs_hello();
}

TEST_LOOP(signer, after_a_refused_key_none_is_held, 2) {
    open_signer(signer_raw(), KEYPAIR);
    assert_code(_i == 0 ? with->load_key(signer, NULL, 0) : with->load_key(signer, MISMATCHED, 64),
                _i == 0 ? SIGNER_KEY_LENGTH : SIGNER_KEY_PAIR_MISMATCH);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
    assert_code(with->public_key(signer, output), SIGNER_NO_KEY);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_OK);
    assert_signs_hello();
}

TEST(signer, a_closed_signer_refuses_everything_but_closing) {
    open_signer(signer_raw(), KEYPAIR);
    struct signer_bytes message = {"", 0};
    with->close(&signer);
    ck_assert_ptr_null(signer);
    with->close(&signer);
    assert_code(with->public_key(signer, output), SIGNER_CLOSED);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_CLOSED);
    assert_code(with->sign_many(signer, &message, 1, &output), SIGNER_CLOSED);
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", 5, output), SIGNER_CLOSED);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_CLOSED);
    assert_code(with->verify_strict(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_CLOSED);
    assert_code(with->derive_public_key(signer, KEYPAIR, 32, output), SIGNER_CLOSED);
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_CLOSED);
    assert_code(with->wipe(signer), SIGNER_CLOSED);
}

/* Message and signature anywhere in one buffer: before, behind, inside of each other. */
TEST(signer, a_signature_may_overlap_the_message) {
    open_signer(signer_raw(), KEYPAIR);
    static const size_t lens[] = {1, 64, 100}, places[] = {0, 1, 63, 64, 90, 163};
    for (size_t at = 0; at < 3 * 6 * 6; at++) {
        unsigned char buffer[320], wanted[64];
        size_t len = lens[at / 36], from = places[at / 6 % 6], to = places[at % 6];
        for (size_t byte = 0; byte < sizeof buffer; byte++) { buffer[byte] = (unsigned char)(byte + at); }
        openssl_sign(KEYPAIR, buffer + from, len, wanted);
        assert_code(with->sign(signer, buffer + from, len, buffer + to), SIGNER_OK);
        ck_assert_mem_eq(buffer + to, wanted, 64);
    }
}

TEST(signer, an_output_may_overlap_a_key) {
    open_signer(signer_raw(), KEYPAIR);
    unsigned char other[64];
    openssl_keypair((const unsigned char[32]){7}, other);
    static const size_t places[] = {0, 1, 32, 63, 64};
    for (size_t at = 0; at < 25; at++) {
        unsigned char buffer[192] = {0}, wanted[64];
        size_t from = places[at / 5], to = places[at % 5];
        memcpy(buffer + from, other, 64);
        openssl_sign(other, buffer + 20, 80, wanted);
        assert_code(with->sign_with(signer, buffer + from, 64, buffer + 20, 80, buffer + to), SIGNER_OK);
        ck_assert_mem_eq(buffer + to, wanted, 64);
        memcpy(buffer + from, other, 32);
        assert_code(with->derive_public_key(signer, buffer + from, 32, buffer + to), SIGNER_OK);
        ck_assert_mem_eq(buffer + to, other + 32, 32);
        assert_signs_hello();
    }
}

/* Signatures over the messages, and over the list of them, in one batch and in more. */
TEST_LOOP(signer, signatures_may_overlap_messages, 10) {
    struct signer_batch_module module = module_of(signer_raw());
    const size_t count = (size_t[]){1, 2, 100, 4097, 9000}[_i / 2];
    unsigned char(*buffer)[64] = allocate(count, 64), (*wanted)[64] = allocate(count, 64);
    struct signer_bytes *messages = allocate(count, sizeof *messages);
    open_signer(signer_raw(), KEYPAIR);
    assert_code(with->set_batch_modules(signer, &module, _i % 2), SIGNER_OK);
    for (size_t at = 0; at < count; at++) {
        memset(buffer[at], (int)(at % 251), 64);
        messages[at] = (struct signer_bytes){buffer[count - 1 - at], 64};
    }
    for (size_t at = 0; at < count; at++) { openssl_sign(KEYPAIR, messages[at].bytes, 64, wanted[at]); }
    assert_code(with->sign_many(signer, messages, count, buffer), SIGNER_OK);
    ck_assert_mem_eq(buffer, wanted, count * 64);
    /* The list lies where the signatures come. */
    struct signer_bytes *list = (struct signer_bytes *)(void *)buffer;
    for (size_t at = 0; at < count; at++) { list[at] = (struct signer_bytes){"hello", 5}; }
    assert_code(with->sign_many(signer, list, count, buffer), SIGNER_OK);
    for (size_t at = 0; at < count; at++) { ck_assert_mem_eq(buffer[at], HELLO_SIGNATURE, 64); }
}

TEST(signer, lengths_beyond_32_bits_are_not_cut) {
    open_signer(signer_raw(), KEYPAIR);
    const size_t large = (size_t)1 << 32;
    unsigned char many[2][64];
    struct signer_bytes messages[] = {{"", 0}, {"hello", large + 5}};
    assert_code(with->sign(signer, "hello", large + 5, output), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->sign(signer, "hello", SIZE_MAX, output), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->sign_many(signer, messages, 2, many), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->sign_with(signer, KEYPAIR, large + 64, "", 0, output), SIGNER_KEY_LENGTH);
    assert_code(with->sign_with(signer, KEYPAIR, 64, "hello", large + 5, output), SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->derive_public_key(signer, KEYPAIR, large + 32, output), SIGNER_KEY_LENGTH);
    assert_code(with->verify(signer, KEYPAIR + 32, large + 32, "hello", 5, HELLO_SIGNATURE, 64),
                SIGNER_PUBLIC_KEY_LENGTH);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", large + 5, HELLO_SIGNATURE, 64),
                SIGNER_MESSAGE_TOO_LARGE);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, large + 64),
                SIGNER_SIGNATURE_INVALID);
    assert_signs_hello();
    assert_code(with->load_key(signer, KEYPAIR, large + 64), SIGNER_KEY_LENGTH);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
}

TEST(signer, null_is_no_key) {
    open_signer(signer_raw(), KEYPAIR);
    assert_code(with->sign_with(signer, NULL, 64, "", 0, output), SIGNER_KEY_LENGTH);
    assert_code(with->derive_public_key(signer, NULL, 32, output), SIGNER_KEY_LENGTH);
    assert_code(with->verify(signer, NULL, 32, "hello", 5, HELLO_SIGNATURE, 64), SIGNER_PUBLIC_KEY_LENGTH);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "hello", 5, NULL, 64), SIGNER_SIGNATURE_INVALID);
    assert_signs_hello();
    assert_code(with->load_key(signer, NULL, 64), SIGNER_KEY_LENGTH);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_NO_KEY);
    with->close(&signer);
    assert_code(with->open(&signer, NULL, 64), SIGNER_KEY_LENGTH);
    ck_assert_ptr_null(signer);
}

TEST(signer, the_output_of_a_call_that_failed_is_zeroed) {
    static const unsigned char zeros[64];
    struct signer_bytes too_long = {NULL, TOO_LONG};
    struct signer *none = NULL;
    open_signer(signer_raw(), NULL);
#define ASSERT_ZEROED(CALL, LEN)                                                                                       \
    memset(output, 1, sizeof output);                                                                                  \
    ck_assert_int_ne(CALL, SIGNER_OK);                                                                                 \
    ck_assert_mem_eq(output, zeros, LEN)
    ASSERT_ZEROED(with->public_key(signer, output), 32);
    ASSERT_ZEROED(with->sign(signer, "", 0, output), 64);
    ASSERT_ZEROED(with->sign_many(signer, &too_long, 1, &output), 64);
    ASSERT_ZEROED(with->sign_with(signer, KEYPAIR, 63, "", 0, output), 64);
    ASSERT_ZEROED(with->sign_with(signer, MISMATCHED, 64, "", 0, output), 64);
    ASSERT_ZEROED(with->derive_public_key(signer, KEYPAIR, 31, output), 32);
    ASSERT_ZEROED(with->sign(none, "", 0, output), 64);
    ASSERT_ZEROED(with->public_key(none, output), 32);
    ASSERT_ZEROED(with->derive_public_key(none, KEYPAIR, 32, output), 32);
}

TEST(signer, the_adder_wraps_truncates_and_traps) {
    const struct library_adder *with = load_file(built("add-raw"))->adder;
    struct adder *adder;
    int32_t value;
    assert_code(with->open(&adder), SIGNER_OK);
    assert_code(with->add(adder, INT32_MAX, 1, &value), SIGNER_OK);
    ck_assert_int_eq(value, INT32_MIN);
    assert_code(with->divide(adder, -7, 2, &value), SIGNER_OK);
    ck_assert_int_eq(value, -3);
    assert_code(with->divide(adder, 1, 0, &value), SIGNER_TRAPPED);
    assert_code(with->divide(adder, INT32_MIN, -1, &value), SIGNER_TRAPPED);
    ck_assert_int_eq(value, -3);
    ck_assert_str_eq(with->trap_text(), "unreachable was reached");
    assert_code(with->add(adder, 2, 3, &value), SIGNER_OK);
    ck_assert_int_eq(value, 5);
    with->close(&adder);
    with->close(&adder);
    assert_code(with->add(adder, 2, 3, &value), SIGNER_CLOSED);
}

TEST(signer, codes_have_names_and_meanings) {
    ck_assert_str_eq(signer_code_name(SIGNER_KEY_PAIR_MISMATCH), "KEY_PAIR_MISMATCH");
    ck_assert_str_eq(signer_code_name(SIGNER_CLOSED), "CLOSED");
    ck_assert_str_eq(signer_code_name(SIGNER_IN_USE), "IN_USE");
    ck_assert_str_eq(signer_code_name((enum signer_code)99), "UNKNOWN");
    ck_assert_str_eq(signer_code_meaning(SIGNER_CLOSED), "this object was closed; make a new one");
}
