#define _GNU_SOURCE

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler.h"
#include "files.h"
#include "host.h"
#include "process.h"
#include "tests.h"
#include "wire.h"

unsigned char KEYPAIR[64], HELLO_SIGNATURE[64], MISMATCHED[64];
const struct library_signer *with;
struct signer *signer;
unsigned char output[64];

#if defined(__SANITIZE_ADDRESS__)
const int IS_SANITIZED = 1;
#else
const int IS_SANITIZED = 0;
#endif

static void from_hex(const char *hex, unsigned char *bytes) {
    for (size_t at = 0; hex[2 * at] != 0; at++) { sscanf(hex + 2 * at, "%2hhx", &bytes[at]); }
}

__attribute__((constructor)) static void read_known_answers(void) {
    from_hex(KEYPAIR_HEX, KEYPAIR);
    from_hex(HELLO_SIGNATURE_HEX, HELLO_SIGNATURE);
    memcpy(MISMATCHED, KEYPAIR, sizeof MISMATCHED);
    MISMATCHED[63] ^= 1;
}

const char *built(const char *name) {
    const char *path = format("%s/%s.wasm", MODULES, name);
    if (access(path, R_OK) != 0) { fail_with("%s: it is not there; build it with: make modules", path); }
    return path;
}

const struct library *load_bytes(const void *wasm, size_t len) {
    const struct compiled *compiled = compile(wasm, len, COMPILE_SECONDS, NULL);
    if (compiled->library == NULL) { fail_with("a module was refused: %s", compiled->refused); }
    return compiled->library;
}

const struct library *load_file(const char *path) {
    size_t len;
    unsigned char *wasm = file_read(path, &len);
    return load_bytes(wasm, len);
}

const char *new_folder(void) {
    char *dir = format("/tmp/c-host-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    return dir;
}

unsigned char *assemble(const char *wat, size_t *len) {
    const char *dir = new_folder(), *output;
    const char *text = format("%s/module.wat", dir), *wasm = format("%s/module.wasm", dir);
    ck_assert(file_write(text, wat, strlen(wat)));
    if (process_run((const char *const[]){"wat2wasm", "--enable-multi-memory", text, "-o", wasm, NULL}, NULL,
                    COMPILE_SECONDS, &output) != 0) {
        fail_with("wat2wasm: %s", output);
    }
    unsigned char *bytes = file_read(wasm, len);
    folder_remove(dir);
    return bytes;
}

const struct library *load_text(const char *wat) {
    size_t len;
    unsigned char *wasm = assemble(wat, &len);
    return load_bytes(wasm, len);
}

const struct library_signer *signer_raw(void) {
    static const struct library *library;
    if (library == NULL) { library = load_file(built("signer-raw")); }
    return library->signer;
}

char *fake_text(const struct fake *fake) {
    static const char *const functions[][3] = {
        {"abi_version", "(result i32)", "i32.const 1"},
        {"max_message_len", "(result i32)", "i32.const 4096"},
        {"get_signing_key_ptr", "(result i32)", "i32.const 0"},
        {"get_signature_ptr", "(result i32)", "i32.const 64"},
        {"get_public_key_ptr", "(result i32)", "i32.const 128"},
        {"allocate_message", "(param i32) (result i32)", "i32.const 1024"},
        {"sign", "", ""},
        {"sign_loaded", "(result i32)", "i32.const 0"},
        {"derive_public_key", "(result i32)", "i32.const 0"},
        {"load_key", "(result i32)", "i32.const 0"},
        {"wipe", "", ""},
        {"verify", "(result i32)", "i32.const 0"},
        {"verify_strict", "(result i32)", "i32.const 0"},
        {"allocate_batch", "(param i32 i32) (result i32)", "i32.const 1024"},
        {"sign_batch", "(result i32)", "i32.const 0"},
        {"get_batch_signatures_ptr", "(result i32)", "i32.const 2048"},
    };
    enum { NEEDED = 11, ALL = sizeof functions / sizeof *functions };
    size_t replaced = 0;
    char *wat = format("(module (memory (export \"memory\") 1 65535) %s", fake->more == NULL ? "" : fake->more);
    for (size_t at = 0; at < (fake->is_least ? NEEDED : ALL); at++) {
        const char *body = functions[at][2];
        for (size_t own = 0; fake->bodies[own][0] != NULL; own++) {
            if (strcmp(fake->bodies[own][0], functions[at][0]) == 0) {
                body = fake->bodies[own][1];
                replaced++;
            }
        }
        wat = format("%s (func (export \"%s\") %s %s)", wat, functions[at][0], functions[at][1], body);
    }
    ck_assert(fake->bodies[replaced][0] == NULL);
    return format("%s)", wat);
}

const struct library *load_fake(const struct fake *fake) { return load_text(fake_text(fake)); }

const struct library_signer *fake_signer(const char *export, const char *body) {
    return load_fake(&(struct fake){.bodies = {{export, body}}})->signer;
}

const struct library *least_signer(const char *more) {
    return load_fake(&(struct fake){.is_least = true, .more = more});
}

struct signer_batch_module module_of(const struct library_signer *of) {
    return (struct signer_batch_module){of->open, of->load_key, of->sign_many, of->wipe, of->close, of->trap_text};
}

void open_signer(const struct library_signer *by, const unsigned char *keypair) {
    if (signer != NULL) { with->close(&signer); }
    with = by;
    assert_code(with->open(&signer, keypair, keypair == NULL ? 0 : 64), SIGNER_OK);
}

void assert_signs_hello(void) {
    assert_code(with->sign(signer, "hello", 5, output), SIGNER_OK);
    ck_assert_mem_eq(output, HELLO_SIGNATURE, 64);
}

void assert_signs_message(const void *message, size_t len) {
    unsigned char wanted[64];
    openssl_sign(KEYPAIR, message, len, wanted);
    assert_code(with->sign(signer, message, len, output), SIGNER_OK);
    ck_assert_mem_eq(output, wanted, 64);
}

json_t *without_details(json_t *value) {
    const char *name;
    size_t at;
    json_t *member;
    json_object_del(value, "detail");
    json_object_foreach(value, name, member) { without_details(member); }
    json_array_foreach(value, at, member) { without_details(member); }
    return value;
}

void assert_answer(const struct library *library, const char *op, const char *in, const char *answer) {
    json_error_t problem;
    json_t *given = json_loads(in, JSON_ALLOW_NUL, &problem);
    ck_assert_msg(given != NULL, "%s: %s", problem.text, in);
    json_t *wanted = json_loads(answer, 0, &problem);
    ck_assert_msg(wanted != NULL, "%s: %s", problem.text, answer);
    json_t *got = without_details(operate(library, op, given));
    ck_assert_msg(json_equal(got, wanted), "%s %s\n  gave   %s\n  wanted %s", op, in, json_dumps(got, JSON_COMPACT),
                  answer);
}

void openssl_public_key(const unsigned char seed[32], unsigned char public_key[32]) {
    size_t len = 32;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
    ck_assert_int_eq(EVP_PKEY_get_raw_public_key(key, public_key, &len), 1);
    EVP_PKEY_free(key);
}

void openssl_sign(const unsigned char seed[32], const void *message, size_t len, unsigned char signature[64]) {
    size_t signature_len = 64;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ck_assert_int_eq(EVP_DigestSignInit(context, NULL, NULL, NULL, key), 1);
    ck_assert_int_eq(EVP_DigestSign(context, signature, &signature_len, message, len), 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

void openssl_keypair(const unsigned char seed[32], unsigned char keypair[64]) {
    memcpy(keypair, seed, 32);
    openssl_public_key(seed, keypair + 32);
}

char *shell(const char *command, int *status) {
    enum { MAX_LEN = 65536 };
    char *text = allocate(MAX_LEN, 1);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    fread(text, 1, MAX_LEN, pipe);
    int ended = pclose(pipe);
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    return text;
}
