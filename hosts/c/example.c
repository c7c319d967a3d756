/*
 * Signs a message and makes an EdDSA JWT of it, which OpenSSL verifies.
 *
 *     example [--message TEXT] [--key-file FILE]
 *
 * The module is a part of this program: example.sh builds it, and takes --module FILE.
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signer.h"
#include "token.h"

/* Published in a book: good for tests, never for anything else. */
static const char TEST_KEYPAIR[] = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
                                   "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

static const char USAGE[] = "usage: example.sh [--message TEXT] [--key-file FILE] [--module FILE]\n"
                            "  --message TEXT   what to sign, as UTF-8 (default: hello)\n"
                            "  --key-file FILE  128 hex digits: the seed of 32 bytes, then its public key (default: a "
                            "published key, for tests only)\n"
                            "  --module FILE    the signer (default: the one that this workspace has built)\n";

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "example: %s: %s\n", what, why);
    exit(1);
}

static void check(enum signer_code code)
{
    if (code != SIGNER_OK) {
        fail(signer_code_name(code), signer_code_meaning(code));
    }
}

/* Hex digits, with a line's end at most behind them. Returns how many bytes they are; the program ends where they are
 * none. */
static size_t read_keypair(const char *from, const char *hex, unsigned char keypair[SIGNER_KEYPAIR_LEN])
{
    size_t digits = strspn(hex, "0123456789abcdefABCDEF");
    if (digits == 0 || digits % 2 != 0 || hex[digits + strspn(hex + digits, "\r\n")] != 0) {
        fail(from, "cannot read 128 hex digits from it");
    }
    for (size_t at = 0; at < digits / 2 && at < SIGNER_KEYPAIR_LEN; at++) {
        char pair[3] = {hex[2 * at], hex[2 * at + 1], 0};
        keypair[at] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return digits / 2;
}

/* A key comes from a file because other users of a machine can see a command line. */
static size_t read_key_file(const char *path, unsigned char keypair[SIGNER_KEYPAIR_LEN])
{
    char text[2 * SIGNER_KEYPAIR_LEN + 16] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "example: %s: cannot read 128 hex digits from it: %s\n", path, strerror(errno));
        exit(1);
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of the key in a buffer */
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = 0;
    fclose(file);
    size_t keypair_len = read_keypair(path, text, keypair);
    explicit_bzero(text, sizeof text);
    return keypair_len;
}

static void print_hex(const char *name, const unsigned char *bytes, size_t len)
{
    printf("%-12s", name);
    for (size_t at = 0; at < len; at++) {
        printf("%02x", bytes[at]);
    }
    putchar('\n');
}

/* Signs, makes sure that it was right, then prints. */
static void sign_and_print(struct signer *signer, const char *message)
{
    /* ANCHOR: sign */
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN];
    unsigned char signature[SIGNER_SIGNATURE_LEN];
    check(signer_public_key(signer, public_key));
    check(signer_sign(signer, message, strlen(message), signature));
    check(signer_verify_strict(signer, public_key, sizeof public_key, message, strlen(message), signature,
                               sizeof signature));
    /* ANCHOR_END: sign */

    json_t *claims = json_pack("{s:s}", "message", message);
    if (claims == NULL) {
        fail("--message", "the text is not UTF-8");
    }
    char *token;
    check(token_make(signer, claims, &token));
    json_t *verified = token_verify(token, public_key);
    if (!json_equal(verified, claims)) {
        fail("OpenSSL", "it does not verify the token");
    }

    print_hex("public key", public_key, sizeof public_key);
    print_hex("signature", signature, sizeof signature);
    printf("JWT         %s\n", token);
    printf("OpenSSL     verified it\n");
    json_decref(verified);
    json_decref(claims);
    free(token);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"message", required_argument, NULL, 'm'},
                                            {"key-file", required_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *message = "hello";
    unsigned char keypair[SIGNER_KEYPAIR_LEN];
    size_t keypair_len = read_keypair("the test key", TEST_KEYPAIR, keypair);
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'm') {
            message = optarg;
        } else if (option == 'k') {
            keypair_len = read_key_file(optarg, keypair);
        } else {
            fputs(USAGE, option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (optind < argc) {
        fputs(USAGE, stderr);
        return 2;
    }

    /* ANCHOR: open */
    struct signer *signer;
    enum signer_code code = signer_open(&signer, keypair, keypair_len);
    explicit_bzero(keypair, sizeof keypair); /* the signer has its own copy */
    check(code);
    /* ANCHOR_END: open */
    sign_and_print(signer, message);
    /* ANCHOR: close */
    signer_close(&signer);
    /* ANCHOR_END: close */
    return 0;
}
