/* JSON Web Tokens in compact form, signed with Ed25519 (RFC 7515, RFC 8037, RFC 9864). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signer.h"

enum { MAX_HEADER_LEN = 64, MAX_QUOTED_LEN = 6 };

/* How many digits of base64 so many bytes have, at most. */
static size_t digits_of(size_t len) { return 4 * (len / 3 + 1); }

/* Writes bytes in base64url, without padding. Returns where that ends. */
static char *encode(char *to, const void *bytes_, size_t len) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *bytes = bytes_;
    for (size_t at = 0; at < len; at += 3) {
        size_t count = len - at < 3 ? len - at : 3;
        unsigned long bits = 0;
        for (size_t part = 0; part < 3; part++) { bits = bits << 8 | (part < count ? bytes[at + part] : 0); }
        for (size_t part = 0; part <= count; part++) { *to++ = digits[bits >> (18 - 6 * part) & 63]; }
    }
    return to;
}

/* Writes text as a string of JSON. Returns where that ends. */
static char *quote(char *to, const char *text) {
    *to++ = '"';
    for (; *text != 0; text++) {
        if ((unsigned char)*text < ' ') {
            to += sprintf(to, "\\u%04x", (unsigned)*text);
            continue;
        }
        if (*text == '"' || *text == '\\') { *to++ = '\\'; }
        *to++ = *text;
    }
    *to++ = '"';
    return to;
}

/* The header, yours to free, or NULL. */
static char *header_of(enum signer_algorithm algorithm, const char *key_id) {
    char *header = malloc(MAX_HEADER_LEN + (key_id == NULL ? 0 : MAX_QUOTED_LEN * strlen(key_id)));
    if (header == NULL) { return NULL; }
    char *end =
        header + sprintf(header, "{\"alg\":\"%s\",\"typ\":\"JWT\"", algorithm == SIGNER_ED25519 ? "Ed25519" : "EdDSA");
    if (key_id != NULL) { end = quote(end + sprintf(end, ",\"kid\":"), key_id); }
    strcpy(end, "}");
    return header;
}

enum signer_code signer_sign_token(struct signer *signer, const char *claims, enum signer_algorithm algorithm,
                                   const char *key_id, char **token) {
    unsigned char signature[SIGNER_SIGNATURE_LEN];
    char *header = header_of(algorithm, key_id);
    size_t header_len = header == NULL ? 0 : strlen(header), claims_len = strlen(claims);
    *token =
        header == NULL ? NULL : malloc(digits_of(header_len) + digits_of(claims_len) + digits_of(sizeof signature) + 3);
    enum signer_code code = SIGNER_OUT_OF_MEMORY;
    if (*token != NULL) {
        char *end = encode(*token, header, header_len);
        *end++ = '.';
        end = encode(end, claims, claims_len);
        code = signer_sign(signer, *token, (size_t)(end - *token), signature);
        *end++ = '.';
        *encode(end, signature, sizeof signature) = 0;
    }
    free(header);
    if (code != SIGNER_OK) {
        free(*token);
        *token = NULL;
    }
    return code;
}
