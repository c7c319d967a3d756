/* Random input, against OpenSSL's Ed25519. The seed of a run is printed where it fails; EVERYHOST_SEED repeats it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests.h"

enum { TIMES = 60, MAX_LEN = 3000 };

static uint64_t state;

/* splitmix64 */
static uint64_t random_number(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void random_bytes(unsigned char *bytes, size_t len) {
    for (size_t at = 0; at < len; at++) { bytes[at] = (unsigned char)random_number(); }
}

TEST(properties, signs_and_verifies_as_openssl_does) {
    const char *given = getenv("EVERYHOST_SEED");
    unsigned long long first = given == NULL ? (unsigned long long)time(NULL) : strtoull(given, NULL, 10);
    state = first;
    open_signer(signer_raw(), NULL);
    for (int times = 0; times < TIMES; times++) {
        unsigned char keypair[64], public_key[32], message[MAX_LEN], wanted[64], signature[64], many[5][64];
        size_t len = random_number() % (times % 2 == 0 ? 200 : MAX_LEN);
        random_bytes(keypair, 32);
        random_bytes(message, len);
        openssl_keypair(keypair, keypair);
        openssl_sign(keypair, message, len, wanted);

        assert_code(with->derive_public_key(signer, keypair, 32, public_key), SIGNER_OK);
        ck_assert_msg(memcmp(public_key, keypair + 32, 32) == 0, "EVERYHOST_SEED=%llu", first);
        assert_code(with->load_key(signer, keypair, 64), SIGNER_OK);
        assert_code(with->sign(signer, message, len, signature), SIGNER_OK);
        ck_assert_msg(memcmp(signature, wanted, 64) == 0, "EVERYHOST_SEED=%llu", first);

        struct signer_bytes parts[5];
        for (size_t at = 0; at < 5; at++) {
            size_t from = len == 0 ? 0 : random_number() % len;
            parts[at] = (struct signer_bytes){message + from, len == 0 ? 0 : random_number() % (len - from)};
        }
        assert_code(with->sign_many(signer, parts, 5, many), SIGNER_OK);
        for (size_t at = 0; at < 5; at++) {
            openssl_sign(keypair, parts[at].bytes, parts[at].len, signature);
            ck_assert_msg(memcmp(many[at], signature, 64) == 0, "EVERYHOST_SEED=%llu", first);
        }

        assert_code(with->verify(signer, public_key, 32, message, len, wanted, 64), SIGNER_OK);
        assert_code(with->verify_strict(signer, public_key, 32, message, len, wanted, 64), SIGNER_OK);
        wanted[random_number() % 64] ^= (unsigned char)(1 << random_number() % 8);
        assert_code(with->verify(signer, public_key, 32, message, len, wanted, 64), SIGNER_SIGNATURE_INVALID);
    }
}
