/* What the tests share. Each test runs in a process of its own (libcheck's way), so that one that crashes is one
 * failure. */
#ifndef TESTS_H
#define TESTS_H

#include <check.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "library.h"

#define KEYPAIR_HEX                                                                                                    \
    "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"                                                 \
    "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"
#define HELLO_SIGNATURE_HEX                                                                                            \
    "5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3"                                                 \
    "d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303"

/** The key of the book, the signature of "hello" with it, and a keypair whose halves do not belong together. */
extern unsigned char KEYPAIR[64], HELLO_SIGNATURE[64], MISMATCHED[64];

/** Whether the tests were built with the sanitizers. */
extern const int IS_SANITIZED;

/** A module that the workspace has built, such as "signer-raw", as its path; the program ends where it is not there. */
const char *built(const char *name);

/** Loads a module as the adapter does: from a file, from its bytes, from its text. What is refused ends the test. */
const struct library *load_file(const char *path);
const struct library *load_bytes(const void *wasm, size_t len);
const struct library *load_text(const char *wat);

/** A signer whose functions do nothing, except those with a body of their own. */
struct fake {
    /** Whether it lacks what a signer may lack. */
    bool is_least;
    /** What else is in the module, or NULL. */
    const char *more;
    /** Names of exports, and their bodies. */
    const char *bodies[8][2];
};

/** Its text, and what is loaded from that. */
char *fake_text(const struct fake *fake);
const struct library *load_fake(const struct fake *fake);

/** The wrapper for signer-raw, for a fake with one body of its own, and a fake that lacks what it may. */
const struct library_signer *signer_raw(void);
const struct library_signer *fake_signer(const char *export, const char *body);
const struct library *least_signer(const char *more);

/** What most tests work with: a signer, its wrapper, and a buffer for what it returns. */
extern const struct library_signer *with;
extern struct signer *signer;
extern unsigned char output[64];

/** Sets `with`, and makes `signer` by it, with a keypair or NULL; the one before is closed. */
void open_signer(const struct library_signer *by, const unsigned char *keypair);

/** It signs "hello", or another message, with KEYPAIR. The signature is in `output`. */
void assert_signs_hello(void);
void assert_signs_message(const void *message, size_t len);

/** A wrapper as a batch module. */
struct signer_batch_module module_of(const struct library_signer *of);

/** The module of a text, as bytes. */
unsigned char *assemble(const char *wat, size_t *len);

/** Runs one operation of the adapter, with `in` as JSON, and compares the answer, without details, with JSON. */
void assert_answer(const struct library *library, const char *op, const char *in, const char *answer);

/** The same JSON without what is for people only. */
json_t *without_details(json_t *value);

/** OpenSSL's Ed25519: another than ours. */
void openssl_public_key(const unsigned char seed[32], unsigned char public_key[32]);
void openssl_sign(const unsigned char seed[32], const void *message, size_t len, unsigned char signature[64]);

/** A keypair from a seed, by OpenSSL. */
void openssl_keypair(const unsigned char seed[32], unsigned char keypair[64]);

/** A new folder for files. */
const char *new_folder(void);

/** What a shell command wrote to stdout, and its exit status. */
char *shell(const char *command, int *status);

#define assert_code(CALL, CODE) ck_assert_str_eq(signer_code_name(CALL), signer_code_name(CODE))

/** Adds a test to a group; main.c. */
void add_test(const char *group, const TTest *test, int times);

/** A test that adds itself to a group, and one that runs so many times, with _i from 0. */
#define TEST(GROUP, NAME) TEST_LOOP(GROUP, NAME, 1)
#define TEST_LOOP(GROUP, NAME, TIMES)                                                                                  \
    static const TTest *NAME;                                                                                          \
    __attribute__((constructor)) static void add_##NAME(void) { add_test(#GROUP, NAME, TIMES); }                       \
    START_TEST(NAME)

#endif
