#include "token.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of base64url, yours to free, with a NUL behind them; NULL where it is none. */
static unsigned char *from_base64url(const char *text, size_t text_len, size_t *len) {
    size_t padding = (4 - text_len % 4) % 4;
    char *padded = calloc(1, text_len + padding + 1);
    unsigned char *bytes = malloc(3 * (text_len / 4 + 1) + 1);
    int decoded = -1;
    if (padded != NULL && bytes != NULL && padding < 3) {
        memcpy(padded, text, text_len);
        memset(padded + text_len, '=', padding);
        for (char *at = padded; (at = strpbrk(at, "-_")) != NULL;) { *at = *at == '-' ? '+' : '/'; }
        decoded = EVP_DecodeBlock(bytes, (unsigned char *)padded, (int)(text_len + padding));
    }
    free(padded);
    if (decoded < 0) {
        free(bytes);
        return NULL;
    }
    *len = (size_t)decoded - padding;
    bytes[*len] = 0;
    return bytes;
}

static bool is_signed_by(const unsigned char public_key[SIGNER_PUBLIC_KEY_LEN], const void *message, size_t message_len,
                         const unsigned char *signature, size_t signature_len) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGNER_PUBLIC_KEY_LEN);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_right = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                    EVP_DigestVerify(context, signature, signature_len, message, message_len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return is_right;
}

json_t *token_verify(const char *token, const unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]) {
    const char *first_dot = strchr(token, '.');
    const char *second_dot = first_dot == NULL ? NULL : strchr(first_dot + 1, '.');
    if (second_dot == NULL) { return NULL; }
    size_t header_len, claims_len, signature_len;
    unsigned char *header = from_base64url(token, (size_t)(first_dot - token), &header_len);
    unsigned char *claims = from_base64url(first_dot + 1, (size_t)(second_dot - first_dot - 1), &claims_len);
    unsigned char *signature = from_base64url(second_dot + 1, strlen(second_dot + 1), &signature_len);
    json_t *verified = NULL;
    if (header != NULL && claims != NULL && signature != NULL) {
        json_t *read = json_loadb((char *)header, header_len, 0, NULL);
        const char *algorithm = json_string_value(json_object_get(read, "alg"));
        if (algorithm != NULL && strcmp(algorithm, "EdDSA") == 0 &&
            is_signed_by(public_key, token, (size_t)(second_dot - token), signature, signature_len)) {
            verified = json_loadb((char *)claims, claims_len, JSON_ALLOW_NUL, NULL);
        }
        json_decref(read);
    }
    free(header);
    free(claims);
    free(signature);
    return verified;
}
