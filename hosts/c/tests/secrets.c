/*
 * Wiping. After it no eight bytes in a row of any secret are in linear memory, on the stack that the signer ran on, or
 * in the heap. The code of the guest runs as C does, so that its variables are on the stack.
 */
#define _GNU_SOURCE

#include <openssl/bn.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "tests.h"

enum { RUN_LEN = 8, STACK_LEN = 1 << 20, MAX_SECRETS = 32 };

static const char *const GROUP_ORDER = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
static const struct signer_bytes MESSAGES[] = {{"hello", 5}, {"", 0}, {"a longer message", 16}};

/* The seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret; kept outside heap and stack. */
static struct {
    const char *name;
    unsigned char bytes[64];
    size_t len;
} secrets[MAX_SECRETS];
static size_t secret_count;

static void add_secret(const char *name, const unsigned char *bytes, size_t len);

/* What SHA-512 makes is numbers of 64 bits first, which this machine keeps the other way round. */
static void add_digest(const char *name, const unsigned char *bytes, size_t len)
{
    unsigned char numbers[64];
    for (size_t at = 0; at < len; at++) {
        numbers[at] = bytes[(at & ~(size_t)7) + 7 - (at & 7)];
    }
    add_secret(name, bytes, len);
    add_secret(name, numbers, len);
    explicit_bzero(numbers, sizeof numbers);
}

static void add_secret(const char *name, const unsigned char *bytes, size_t len)
{
    ck_assert_uint_lt(secret_count, MAX_SECRETS);
    secrets[secret_count].name = name;
    secrets[secret_count].len = len;
    memcpy(secrets[secret_count++].bytes, bytes, len);
}

/* A little-endian number modulo the order of the group, as 32 bytes. */
static void add_reduced(const char *name, const unsigned char *bytes, size_t len)
{
    BIGNUM *order = NULL, *number = BN_lebin2bn(bytes, (int)len, NULL);
    BN_CTX *context = BN_CTX_new();
    unsigned char reduced[32];
    BN_hex2bn(&order, GROUP_ORDER);
    ck_assert_int_eq(BN_mod(number, number, order, context), 1);
    BN_bn2lebinpad(number, reduced, sizeof reduced);
    add_secret(name, reduced, sizeof reduced);
    BN_clear_free(number);
    BN_free(order);
    BN_CTX_free(context);
    explicit_bzero(reduced, sizeof reduced);
}

static void derive_secrets(void)
{
    unsigned char digest[64], nonce[64], text[32 + 64];
    SHA512(KEYPAIR, 32, digest);
    add_digest("the seed", KEYPAIR, 32);
    add_digest("the hashed seed", digest, 32);
    add_digest("the prefix", digest + 32, 32);
    for (size_t at = 0; at < 3; at++) {
        memcpy(text, digest + 32, 32);
        memcpy(text + 32, MESSAGES[at].bytes, MESSAGES[at].len);
        SHA512(text, 32 + MESSAGES[at].len, nonce);
        add_digest("a hashed nonce", nonce, 64);
        add_reduced("a nonce", nonce, 64);
    }
    digest[0] &= 248;
    digest[31] = (unsigned char)((digest[31] & 63) | 64);
    add_secret("the scalar", digest, 32);
    add_reduced("the scalar mod L", digest, 32);
    explicit_bzero(digest, sizeof digest);
    explicit_bzero(nonce, sizeof nonce);
    explicit_bzero(text, sizeof text);
}

/* The name of a secret that has eight bytes in a row here, or NULL. */
__attribute__((no_sanitize_address)) static const char *found_in(const unsigned char *bytes, size_t len)
{
    for (size_t secret = 0; secret < secret_count; secret++) {
        for (size_t at = 0; at + RUN_LEN <= secrets[secret].len; at++) {
            if (memmem(bytes, len, secrets[secret].bytes + at, RUN_LEN) != NULL) {
                return secrets[secret].name;
            }
        }
    }
    return NULL;
}

struct findings {
    size_t memories;
    const char *in_memory, *in_heap;
};

/* Looks at the process from outside: a linear memory is what can be accessed before gigabytes that cannot. */
static struct findings look(void)
{
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
            const char *name = found_in((const unsigned char *)last_start, last_end - last_start);
            found.in_memory = name == NULL ? found.in_memory : name;
        }
        if (strstr(line, "[heap]") != NULL) {
            const char *name = found_in((const unsigned char *)start, end - start);
            found.in_heap = name == NULL ? found.in_heap : name;
        }
        was_writable = strncmp(access, "rw-p", 4) == 0;
        last_start = start;
        last_end = end;
    }
    fclose(maps);
    return found;
}

static void sign(const struct library_signer *with, struct signer *signer)
{
    unsigned char signature[3][64];
    for (size_t at = 0; at < 3; at++) {
        assert_code(with->sign(signer, MESSAGES[at].bytes, MESSAGES[at].len, signature[0]), SIGNER_OK);
    }
    assert_code(with->sign_many(signer, MESSAGES, 3, signature), SIGNER_OK);
}

static void sign_with(const struct library_signer *with, struct signer *signer)
{
    unsigned char signature[64];
    for (size_t at = 0; at < 3; at++) {
        assert_code(with->sign_with(signer, KEYPAIR, 64, MESSAGES[at].bytes, MESSAGES[at].len, signature), SIGNER_OK);
    }
}

static void derive(const struct library_signer *with, struct signer *signer)
{
    unsigned char public_key[32];
    assert_code(with->derive_public_key(signer, KEYPAIR, 32, public_key), SIGNER_OK);
}

static void replace(const struct library_signer *with, struct signer *signer)
{
    unsigned char other[64];
    openssl_keypair((const unsigned char[32]){1, 2, 3}, other);
    sign(with, signer);
    assert_code(with->load_key(signer, other, 64), SIGNER_OK);
}

static void trap(const struct library_signer *with, struct signer *signer)
{
    unsigned char signature[64];
    sign(with, signer);
    assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, signature), SIGNER_TRAPPED);
    sign(with, signer);
}

static void refuse(const struct library_signer *with, struct signer *signer)
{
    assert_code(with->load_key(signer, MISMATCHED, 64), SIGNER_KEY_PAIR_MISMATCH);
}

/* Part of the signatures are made by a batch module, which has an instance of its own. */
static void batch(const struct library_signer *with, struct signer *signer)
{
    static struct signer_batch_module module;
    module = (struct signer_batch_module){with->open, with->load_key, with->sign_many,
                                          with->wipe, with->close,    with->trap_text};
    assert_code(with->set_batch_modules(signer, &module, 1), SIGNER_OK);
    sign(with, signer);
    ck_assert_int_eq(with->batch_module(signer), 0);
    replace(with, signer);
}

static void (*const PATHS[])(const struct library_signer *, struct signer *) = {sign, sign_with, derive, replace,
                                                                                trap, refuse,    batch};
enum { PATH_COUNT = sizeof PATHS / sizeof *PATHS };

/* Work on a thread of its own, whose stack is looked at when it is done, but before the thread ends and takes it away.
 */
struct job {
    void (*work)(int argument);
    int argument;
    pthread_barrier_t done;
};

static void *do_job(void *job_)
{
    struct job *job = job_;
    job->work(job->argument);
    pthread_barrier_wait(&job->done);
    pthread_barrier_wait(&job->done);
    return NULL;
}

/* The secret that is left on the stack, or NULL. */
static const char *left_on_stack(void (*work)(int), int argument)
{
    static struct job job;
    pthread_t thread;
    pthread_attr_t attributes;
    unsigned char *stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(stack, MAP_FAILED);
    job.work = work;
    job.argument = argument;
    pthread_barrier_init(&job.done, NULL, 2);
    pthread_attr_init(&attributes);
    ck_assert_int_eq(pthread_attr_setstack(&attributes, stack, STACK_LEN), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, do_job, &job), 0);
    pthread_barrier_wait(&job.done);
    const char *found = found_in(stack, STACK_LEN);
    pthread_barrier_wait(&job.done);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    munmap(stack, STACK_LEN);
    return found;
}

static void take_path(int path)
{
    const struct library_signer *with = signer_raw();
    struct signer *signer;
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_OK);
    ck_assert_uint_eq(look().memories, 1);
    ck_assert_msg(look().in_memory != NULL, "the scan finds the held key before the wipe");
    PATHS[path](with, signer);
    assert_code(with->wipe(signer), SIGNER_OK);
    struct findings found = look();
    ck_assert_uint_eq(found.memories, PATHS[path] == batch ? 2 : 1);
    ck_assert_msg(found.in_memory == NULL, "path %d: %s stays in linear memory after a wipe", path, found.in_memory);
    ck_assert_msg(found.in_heap == NULL, "path %d: %s stays in the heap after a wipe", path, found.in_heap);
    /* Once more, to see that closing does as much. */
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_OK);
    PATHS[path](with, signer);
    with->close(&signer);
    found = look();
    ck_assert_uint_eq(found.memories, 0);
    ck_assert_msg(found.in_heap == NULL, "path %d: %s stays in the heap after closing", path, found.in_heap);
}

START_TEST(a_wipe_leaves_no_secret)
{
    derive_secrets();
    signer_raw(); /* loaded before, so that the thread does nothing but sign */
    const char *found = left_on_stack(take_path, _i);
    ck_assert_msg(found == NULL, "path %d: %s stays on the stack", _i, found);
}
END_TEST

__attribute__((noinline)) static void leave_a_secret(void)
{
    unsigned char left[4096];
    memset(left, 0, sizeof left);
    memcpy(left + 1001, KEYPAIR, 32);
    __asm__ volatile("" : : "r"(left) : "memory"); /* so that nobody finds the copy needless */
}

static void leave_and_clear(int clears)
{
    leave_a_secret();
    if (clears) {
        guest_clear_stack();
    }
}

START_TEST(the_stack_is_cleared_and_the_scan_sees_it)
{
    derive_secrets();
    ck_assert_ptr_nonnull(left_on_stack(leave_and_clear, 0));
    ck_assert_ptr_null(left_on_stack(leave_and_clear, 1));
}
END_TEST

TCase *secret_tests(void)
{
    TCase *group = tcase_create("secrets");
    tcase_add_loop_test(group, a_wipe_leaves_no_secret, 0, PATH_COUNT);
    tcase_add_test(group, the_stack_is_cleared_and_the_scan_sees_it);
    return group;
}
