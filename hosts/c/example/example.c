/*
 * Signs a message and makes an EdDSA JWT of it, which OpenSSL verifies.
 *
 * The module is a part of this program: example.sh builds it, reads the options and starts it.
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signer.h"
#include "token.h"

/* The compiler of this program. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "GCC " __VERSION__
#endif

/* Published in a book: good for tests, never for anything else. */
static const char TEST_KEYPAIR[] = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
                                   "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

/* What example.sh passes: text for the output, and the options. A file that was not given is empty. */
enum { MODULE = 1, RUNTIME, KEY_FILE, MESSAGE_FILE, MESSAGE, ARGUMENTS };

static _Noreturn void fail(const char *what, const char *why) {
    fprintf(stderr, "example: %s: %s\n", what, why);
    exit(1);
}

static void check(enum signer_code code) {
    if (code != SIGNER_OK) { fail(signer_code_name(code), signer_code_meaning(code)); }
}

/* All of a file, yours to free, with a NUL behind it. */
static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        setvbuf(file, NULL, _IONBF, 0); /* no copy of a key in a buffer */
        bytes = size < 0 || size == LONG_MAX ? NULL : calloc(1, (size_t)size + 1);
        *len = bytes == NULL ? 0 : fread(bytes, 1, (size_t)size, file);
    }
    if (bytes == NULL || ferror(file)) {
        fprintf(stderr, "example: cannot read %s: %s\n", path, strerror(errno));
        exit(1);
    }
    fclose(file);
    return bytes;
}

static bool read_hex(const char *hex, unsigned char keypair[SIGNER_KEYPAIR_LEN]) {
    hex += strspn(hex, " \t\r\n");
    size_t digits = strspn(hex, "0123456789abcdefABCDEF");
    if (digits != 2 * SIGNER_KEYPAIR_LEN || hex[digits + strspn(hex + digits, " \t\r\n")] != 0) { return false; }
    for (size_t at = 0; at < SIGNER_KEYPAIR_LEN; at++) {
        char pair[3] = {hex[2 * at], hex[2 * at + 1], 0};
        keypair[at] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return true;
}

/* A key comes from a file because other users of a machine can see a command line. */
static void read_key_file(const char *path, unsigned char keypair[SIGNER_KEYPAIR_LEN]) {
    size_t len;
    char *bytes = read_file(path, &len);
    bool is_key = len == SIGNER_KEYPAIR_LEN || (strlen(bytes) == len && read_hex(bytes, keypair));
    if (len == SIGNER_KEYPAIR_LEN) { memcpy(keypair, bytes, len); }
    explicit_bzero(bytes, len);
    free(bytes);
    if (!is_key) {
        fprintf(stderr, "example: %s: expected a keypair of 64 bytes or 128 hex digits, found %zu bytes\n", path, len);
        exit(1);
    }
}

static void print_hex(const char *name, const unsigned char *bytes, size_t len) {
    printf("%-12s  ", name);
    for (size_t at = 0; at < len; at++) { printf("%02x", bytes[at]); }
    putchar('\n');
}

/* Signs, makes sure that it was right, then prints. */
static void sign_and_print(struct signer *signer, const char *message, size_t message_len, char **argv) {
    /* ANCHOR: sign */
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN];
    unsigned char signature[SIGNER_SIGNATURE_LEN];
    check(signer_public_key(signer, public_key));
    check(signer_sign(signer, message, message_len, signature));
    check(
        signer_verify_strict(signer, public_key, sizeof public_key, message, message_len, signature, sizeof signature));
    /* ANCHOR_END: sign */

    json_t *claims = json_pack("{s:s%}", "message", message, message_len);
    if (claims == NULL) { fail(*argv[MESSAGE_FILE] == 0 ? "--message" : argv[MESSAGE_FILE], "expected UTF-8"); }
    char *json = json_dumps(claims, JSON_COMPACT), *token;
    if (json == NULL) { fail("the token", "there is no memory for it"); }
    check(signer_sign_token(signer, json, SIGNER_EDDSA, NULL, &token));
    free(json);
    json_t *verified = token_verify(token, public_key);
    if (!json_equal(verified, claims)) { fail("OpenSSL", "it does not verify the token"); }

    printf("host          c\n");
    printf("runtime       " COMPILER ", %s\n", argv[RUNTIME]);
    printf("module        %s\n", argv[MODULE]);
    printf("message       %zu bytes\n", message_len);
    print_hex("public key", public_key, sizeof public_key);
    print_hex("signature", signature, sizeof signature);
    printf("token         %s\n", token);
    printf("verified by   OpenSSL %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
    json_decref(verified);
    json_decref(claims);
    free(token);
}

int main(int argc, char **argv) {
    if (argc != ARGUMENTS) { fail("wrong use", "start it by example.sh"); }
    unsigned char keypair[SIGNER_KEYPAIR_LEN];
    if (*argv[KEY_FILE] == 0) {
        read_hex(TEST_KEYPAIR, keypair);
    } else {
        read_key_file(argv[KEY_FILE], keypair);
    }
    size_t message_len = strlen(argv[MESSAGE]);
    char *text = *argv[MESSAGE_FILE] == 0 ? NULL : read_file(argv[MESSAGE_FILE], &message_len);

    /* ANCHOR: open */
    struct signer *signer;
    enum signer_code code = signer_open(&signer, keypair, sizeof keypair);
    explicit_bzero(keypair, sizeof keypair); /* the signer has its own copy */
    check(code);
    /* ANCHOR_END: open */
    sign_and_print(signer, text == NULL ? argv[MESSAGE] : text, message_len, argv);
    /* ANCHOR: close */
    signer_close(&signer);
    /* ANCHOR_END: close */
    free(text);
    return 0;
}
