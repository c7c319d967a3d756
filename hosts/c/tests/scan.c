#define _GNU_SOURCE

#include "scan.h"

#include <openssl/bn.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "tests.h"

enum { RUN_LEN = 8, MAX_SECRETS = 32 };

static const char *const GROUP_ORDER = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
const struct signer_bytes SCAN_MESSAGES[SCAN_MESSAGE_COUNT] = {{"hello", 5}, {"", 0}, {"a longer message", 16}};

/* The seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret; kept outside heap and stack. */
static struct {
    const char *name;
    unsigned char bytes[64];
    size_t len;
} secrets[MAX_SECRETS];
static size_t secret_count;

/* What SHA-512 makes is numbers of 64 bits first, which this machine keeps the other way round. */
static void add_digest(const char *name, const unsigned char *bytes, size_t len) {
    unsigned char numbers[64];
    for (size_t at = 0; at < len; at++) { numbers[at] = bytes[(at & ~(size_t)7) + 7 - (at & 7)]; }
    scan_add(name, bytes, len);
    scan_add(name, numbers, len);
    explicit_bzero(numbers, sizeof numbers);
}

void scan_forget(void) {
    explicit_bzero(secrets, sizeof secrets);
    secret_count = 0;
}

void scan_add(const char *name, const unsigned char *bytes, size_t len) {
    ck_assert_uint_lt(secret_count, MAX_SECRETS);
    secrets[secret_count].name = name;
    secrets[secret_count].len = len;
    memcpy(secrets[secret_count++].bytes, bytes, len);
}

/* A little-endian number modulo the order of the group, as 32 bytes. */
static void add_reduced(const char *name, const unsigned char *bytes, size_t len) {
    BIGNUM *order = NULL, *number = BN_lebin2bn(bytes, (int)len, NULL);
    BN_CTX *context = BN_CTX_new();
    unsigned char reduced[32];
    BN_hex2bn(&order, GROUP_ORDER);
    ck_assert_int_eq(BN_mod(number, number, order, context), 1);
    BN_bn2lebinpad(number, reduced, sizeof reduced);
    scan_add(name, reduced, sizeof reduced);
    BN_clear_free(number);
    BN_free(order);
    BN_CTX_free(context);
    explicit_bzero(reduced, sizeof reduced);
}

void scan_add_keypair(void) {
    unsigned char digest[64], nonce[64], text[32 + 64];
    SHA512(KEYPAIR, 32, digest);
    add_digest("the seed", KEYPAIR, 32);
    add_digest("the hashed seed", digest, 32);
    add_digest("the prefix", digest + 32, 32);
    for (size_t at = 0; at < 3; at++) {
        memcpy(text, digest + 32, 32);
        memcpy(text + 32, SCAN_MESSAGES[at].bytes, SCAN_MESSAGES[at].len);
        SHA512(text, 32 + SCAN_MESSAGES[at].len, nonce);
        add_digest("a hashed nonce", nonce, 64);
        add_reduced("a nonce", nonce, 64);
    }
    digest[0] &= 248;
    digest[31] = (unsigned char)((digest[31] & 63) | 64);
    scan_add("the scalar", digest, 32);
    add_reduced("the scalar mod L", digest, 32);
    explicit_bzero(digest, sizeof digest);
    explicit_bzero(nonce, sizeof nonce);
    explicit_bzero(text, sizeof text);
}

__attribute__((no_sanitize_address)) const char *scan_bytes(const unsigned char *bytes, size_t len) {
    for (size_t secret = 0; secret < secret_count; secret++) {
        for (size_t at = 0; at + RUN_LEN <= secrets[secret].len; at++) {
            if (memmem(bytes, len, secrets[secret].bytes + at, RUN_LEN) != NULL) { return secrets[secret].name; }
        }
    }
    return NULL;
}

/* Looks at the process from outside: a linear memory is what can be accessed before gigabytes that cannot. */
struct findings scan_process(void) {
    struct findings found = {.memories = 0};
    unsigned long start, end, last_start = 0, last_end = 0;
    char line[512], access[8];
    int was_writable = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        ck_assert_int_eq(sscanf(line, "%lx-%lx %7s", &start, &end, access), 3);
        if (strcmp(access, "---p") == 0 && start == last_end && was_writable && end - last_start > 8UL << 30 &&
            end - last_start < 9UL << 30) {
            found.memories++;
            const char *name = scan_bytes((const unsigned char *)last_start, last_end - last_start);
            found.in_memory = name == NULL ? found.in_memory : name;
        }
        if (strstr(line, "[heap]") != NULL) {
            const char *name = scan_bytes((const unsigned char *)start, end - start);
            found.in_heap = name == NULL ? found.in_heap : name;
        }
        was_writable = strncmp(access, "rw-p", 4) == 0;
        last_start = start;
        last_end = end;
    }
    fclose(maps);
    return found;
}
