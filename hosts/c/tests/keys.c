/* Files that hold a key. What each file is, and each wrong one's code, the suite `keys` has; here is what the wrapper
 * adds. */
#include <string.h>

#include "files.h"
#include "host.h"
#include "tests.h"

/* RFC 8410, section 10: without the public key, with it and an attribute, and the public key. */
static const char PRIVATE[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                              "-----END PRIVATE KEY-----\n";
static const char WITH_PUBLIC[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                  "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n"
                                  "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                  "-----END PRIVATE KEY-----\n";
static const char PUBLIC[] = "-----BEGIN PUBLIC KEY-----\n"
                             "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                             "-----END PUBLIC KEY-----\n";

static struct keys *keys;

static const struct library_keys *by(void) {
    static const struct library *library;
    if (library == NULL) { library = load_file(built("keys")); }
    return library->keys;
}

static void open_keys(void) { assert_code(by()->open(&keys), SIGNER_OK); }

static enum signer_code read_private(const char *file, struct private_key *key) {
    return by()->read_private_key(keys, file, strlen(file), key);
}

TEST(keys, a_key_is_read_and_a_signer_holds_it) {
    struct private_key key, with_public;
    unsigned char public_key[32];
    open_keys();
    assert_code(read_private(PRIVATE, &key), SIGNER_OK);
    ck_assert(!key.has_public_key);
    assert_code(read_private(WITH_PUBLIC, &with_public), SIGNER_OK);
    ck_assert(with_public.has_public_key);
    ck_assert_mem_eq(key.seed, with_public.seed, 32);
    assert_code(by()->read_public_key(keys, PUBLIC, strlen(PUBLIC), public_key), SIGNER_OK);
    ck_assert_mem_eq(public_key, with_public.public_key, 32);
    with = signer_raw();
    assert_code(with->open_private_key(&signer, &key), SIGNER_OK);
    assert_code(with->public_key(signer, output), SIGNER_OK);
    ck_assert_mem_eq(output, public_key, 32);
    with_public.public_key[0] ^= 1;
    struct signer *refused;
    assert_code(with->open_private_key(&refused, &with_public), SIGNER_KEY_PAIR_MISMATCH);
}

TEST(keys, what_is_written_is_read_again) {
    struct private_key key, read;
    char file[KEYS_MAX_WRITTEN_LEN];
    size_t len;
    unsigned char public_key[32];
    open_keys();
    assert_code(read_private(PRIVATE, &key), SIGNER_OK);
    assert_code(by()->write_private_key(keys, &key, KEYS_PEM, file, &len), SIGNER_OK);
    ck_assert_str_eq(file, PRIVATE);
    ck_assert_uint_eq(len, strlen(PRIVATE));
    assert_code(by()->write_private_key(keys, &key, KEYS_JWK, file, &len), SIGNER_KEY_JWK);
    ck_assert_uint_eq(len, 0);
    ck_assert_mem_eq(file, (char[KEYS_MAX_WRITTEN_LEN]){0}, sizeof file);
    key.has_public_key = true;
    openssl_public_key(key.seed, key.public_key);
    for (enum keys_form form = KEYS_PEM; form <= KEYS_JWK; form++) {
        assert_code(by()->write_private_key(keys, &key, form, file, &len), SIGNER_OK);
        ck_assert_int_eq(file[len], 0);
        assert_code(by()->read_private_key(keys, file, len, &read), SIGNER_OK);
        ck_assert_mem_eq(&read, &key, sizeof key);
        assert_code(by()->write_public_key(keys, key.public_key, form, file, &len), SIGNER_OK);
        assert_code(by()->read_public_key(keys, file, len, public_key), SIGNER_OK);
        ck_assert_mem_eq(public_key, key.public_key, 32);
    }
    assert_code(by()->write_public_key(keys, key.public_key, KEYS_PEM, file, &len), SIGNER_OK);
    ck_assert_str_eq(file, PUBLIC);
    assert_code(by()->write_public_key(keys, key.public_key, (enum keys_form)4, file, &len), SIGNER_KEY_FORMAT);
}

TEST(keys, after_a_refusal_the_output_is_zeros) {
    static const struct private_key none;
    static const char too_large[16385] = "{";
    struct private_key key;
    unsigned char public_key[32];
    open_keys();
    memset(&key, 1, sizeof key);
    assert_code(read_private(PUBLIC, &key), SIGNER_KEY_IS_PUBLIC);
    ck_assert_mem_eq(key.seed, none.seed, 32);
    ck_assert(!key.has_public_key);
    memset(public_key, 1, sizeof public_key);
    assert_code(by()->read_public_key(keys, PRIVATE, strlen(PRIVATE), public_key), SIGNER_KEY_IS_PRIVATE);
    ck_assert_mem_eq(public_key, none.public_key, 32);
    assert_code(by()->read_private_key(keys, too_large, sizeof too_large, &key), SIGNER_KEY_TOO_LARGE);
    assert_code(by()->read_private_key(keys, NULL, 0, &key), SIGNER_KEY_FORMAT);
    assert_code(read_private(PRIVATE, &key), SIGNER_OK);
}

TEST(keys, closed_ones_say_so) {
    struct private_key key;
    char file[KEYS_MAX_WRITTEN_LEN];
    size_t len;
    open_keys();
    assert_code(by()->close(&keys), SIGNER_OK);
    ck_assert_ptr_null(keys);
    assert_code(by()->close(&keys), SIGNER_OK);
    assert_code(read_private(PRIVATE, &key), SIGNER_CLOSED);
    assert_code(by()->read_public_key(keys, PUBLIC, strlen(PUBLIC), output), SIGNER_CLOSED);
    assert_code(by()->write_private_key(keys, &key, KEYS_PEM, file, &len), SIGNER_CLOSED);
    assert_code(by()->write_public_key(keys, output, KEYS_PEM, file, &len), SIGNER_CLOSED);
}

/* A module that reads no key, but traps, or breaks its contract. */
static const struct library_keys *faulty(const char *read_private_key, const char *abi_version) {
    return load_text(
               format("(module (memory (export \"memory\") 1) (func (export \"keys_abi_version\") (result i32) %s)"
                      " (func (export \"max_file_len\") (result i32) (i32.const 16384))"
                      " (func (export \"get_file_ptr\") (result i32) (i32.const 1024))"
                      " (func (export \"file_len\") (result i32) (i32.const 256))"
                      " (func (export \"get_seed_ptr\") (result i32) (i32.const 0))"
                      " (func (export \"get_public_key_ptr\") (result i32) (i32.const 32))"
                      " (func (export \"has_public_key\") (result i32) (i32.const 0))"
                      " (func (export \"read_private_key\") (param i32) (result i32) %s)"
                      " (func (export \"read_public_key\") (param i32) (result i32) (i32.const 0))"
                      " (func (export \"write_private_key\") (param i32 i32) (result i32) (i32.const 0))"
                      " (func (export \"write_public_key\") (param i32) (result i32) (i32.const 20)) (func (export "
                      "\"wipe\")))",
                      abi_version, read_private_key))
        ->keys;
}

TEST(keys, after_a_trap_there_is_a_new_instance) {
    struct private_key key;
    char file[KEYS_MAX_WRITTEN_LEN];
    size_t len;
    const struct library_keys *trapping = faulty("unreachable", "(i32.const 1)");
    assert_code(trapping->open(&keys), SIGNER_OK);
    for (int times = 0; times < 2; times++) {
        assert_code(trapping->read_private_key(keys, "{}", 2, &key), SIGNER_TRAPPED);
        ck_assert_str_eq(trapping->trap_text(), "unreachable was reached");
        /* A file of more than 255 bytes, and a status that there is not. */
        assert_code(trapping->write_private_key(keys, &key, KEYS_PEM, file, &len), SIGNER_TRAPPED);
        assert_code(trapping->write_public_key(keys, output, KEYS_PEM, file, &len), SIGNER_TRAPPED);
        assert_code(trapping->read_public_key(keys, "{}", 2, output), SIGNER_OK);
    }
    assert_code(trapping->close(&keys), SIGNER_OK);
    assert_code(faulty("i32.const 0", "(i32.const 2)")->open(&keys), SIGNER_TRAPPED);
    ck_assert_ptr_null(keys);
}

TEST(keys, the_adapter_answers) {
    const struct library *library = load_file(built("keys"));
    const char *seed = format("%.64s", KEYPAIR_HEX), *public_key = format("%.64s", &KEYPAIR_HEX[64]);
    const char *der = format("302e020100300506032b657004220420%s", seed);
    assert_answer(library, "write_key", format("{\"form\":\"der\",\"seed\":\"%s\"}", seed),
                  format("{\"ok\":{\"bytes\":\"%s\"}}", der));
    assert_answer(library, "read_key", format("{\"kind\":\"private\",\"file\":\"%s\"}", der),
                  format("{\"ok\":{\"seed\":\"%s\"}}", seed));
    der = format("302a300506032b6570032100%s", public_key);
    assert_answer(library, "write_key", format("{\"form\":\"der\",\"public_key\":\"%s\"}", public_key),
                  format("{\"ok\":{\"bytes\":\"%s\"}}", der));
    assert_answer(library, "read_key", format("{\"kind\":\"public\",\"file\":\"%s\"}", der),
                  format("{\"ok\":{\"public_key\":\"%s\"}}", public_key));
    assert_answer(library, "read_key", "{\"kind\":\"private\",\"file\":\"\"}", "{\"error\":\"KEY_FORMAT\"}");
    assert_answer(library, "write_key", "{\"form\":\"pem\",\"seed\":\"00\"}", "{\"error\":\"KEY_LENGTH\"}");
    assert_answer(library, "write_key", "{\"form\":\"pem\",\"public_key\":\"00\"}",
                  "{\"error\":\"PUBLIC_KEY_LENGTH\"}");
    static const char *const wrong[][2] = {
        {"read_key", "{\"file\":\"\"}"},
        {"read_key", "{\"kind\":\"secret\",\"file\":\"\"}"},
        {"read_key", "{\"kind\":\"public\"}"},
        {"write_key", "{\"form\":\"pem\"}"},
        {"write_key", "{\"form\":\"p12\",\"seed\":\"\"}"},
        {"write_key", "{\"seed\":\"\"}"},
        {"sign", "{\"keypair\":\"\",\"message\":\"\"}"},
    };
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        ck_assert_ptr_nonnull(
            json_object_get(operate(library, wrong[at][0], json_loads(wrong[at][1], 0, NULL)), "unsupported"));
    }
}
