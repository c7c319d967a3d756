/* Private keys, signers that are made of them, and the tokens that they sign. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "private_key.h"
#include "tests.h"

static enum signer_code open_by_key(const struct private_key *key) {
    if (signer != NULL) { with->close(&signer); }
    with = signer_raw();
    return with->open_private_key(&signer, key);
}

TEST(private_key, a_generated_key_signs_as_openssl_does_with_it) {
    struct private_key key, other;
    unsigned char public_key[32], wanted[64];
    ck_assert(private_key_generate(&key) && private_key_generate(&other));
    ck_assert(!key.has_public_key);
    ck_assert_mem_ne(key.seed, other.seed, 32);
    assert_code(open_by_key(&key), SIGNER_OK);
    assert_code(with->public_key(signer, output), SIGNER_OK);
    openssl_public_key(key.seed, public_key);
    ck_assert_mem_eq(output, public_key, 32);
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_OK);
    openssl_sign(key.seed, "hello", 5, wanted);
    ck_assert_mem_eq(output, wanted, 64);
    private_key_clear(&key);
    ck_assert_mem_eq(&key, &(struct private_key){.has_public_key = false}, sizeof key);
}

TEST(private_key, a_public_key_that_is_known_must_be_its_own) {
    struct private_key key = {.has_public_key = true};
    memcpy(key.seed, KEYPAIR, 32);
    memcpy(key.public_key, KEYPAIR + 32, 32);
    assert_code(open_by_key(&key), SIGNER_OK);
    assert_signs_hello();
    key.public_key[31] ^= 1;
    assert_code(open_by_key(&key), SIGNER_KEY_PAIR_MISMATCH);
    ck_assert_ptr_null(signer);
}

/* One part of a token: what it has in base64url, up to a dot or the end, with a NUL behind it. Moves *at behind it. */
static unsigned char *part(const char **at, size_t *len) {
    size_t text_len = strcspn(*at, "."), padding = (4 - text_len % 4) % 4;
    char *text = format("%.*s%.*s", (int)text_len, *at, (int)padding, "===");
    unsigned char *bytes = allocate(text_len + 4, 1);
    ck_assert_uint_eq(strcspn(*at, "+/="), strlen(*at));
    for (char *digit = text; (digit = strpbrk(digit, "-_")) != NULL;) { *digit = *digit == '-' ? '+' : '/'; }
    int decoded = EVP_DecodeBlock(bytes, (unsigned char *)text, (int)(text_len + padding));
    ck_assert_int_ge(decoded, 0);
    *len = (size_t)decoded - padding;
    bytes[*len] = 0;
    *at += text_len + ((*at)[text_len] == '.');
    return bytes;
}

static void assert_token(const char *claims, enum signer_algorithm algorithm, const char *key_id, const char *header) {
    char *token;
    unsigned char wanted[64];
    size_t len;
    assert_code(with->sign_token(signer, claims, algorithm, key_id, &token), SIGNER_OK);
    const char *at = token;
    ck_assert_str_eq((char *)part(&at, &len), header);
    ck_assert_str_eq((char *)part(&at, &len), claims);
    openssl_sign(KEYPAIR, token, (size_t)(at - token) - 1, wanted);
    const unsigned char *signature = part(&at, &len);
    ck_assert_uint_eq(len, 64);
    ck_assert_mem_eq(signature, wanted, 64);
    ck_assert_str_eq(at, "");
    free(token);
}

TEST(private_key, a_token_has_its_header_and_openssls_signature) {
    open_signer(signer_raw(), KEYPAIR);
    assert_token("{}", SIGNER_EDDSA, NULL, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}");
    assert_token("{\"a\":1}", SIGNER_ED25519, "k1", "{\"alg\":\"Ed25519\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
    assert_token("{\"ab\":\"Grüße\"}", SIGNER_EDDSA, "", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"\"}");
    assert_token("{ }", SIGNER_EDDSA, "\"\\\n\x1f/é",
                 "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"\\\"\\\\\\u000a\\u001f/é\"}");
}

TEST(private_key, a_token_that_cannot_be_signed_is_none) {
    char *token = (char *)output;
    open_signer(signer_raw(), NULL);
    assert_code(with->sign_token(signer, "{}", SIGNER_EDDSA, NULL, &token), SIGNER_NO_KEY);
    ck_assert_ptr_null(token);
    assert_code(with->sign_token(NULL, "{}", SIGNER_EDDSA, NULL, &token), SIGNER_CLOSED);
    ck_assert_ptr_null(token);
}
