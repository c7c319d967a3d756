/*
 * Wiping. After it no eight bytes in a row of any secret are in linear memory, on the stack that the signer ran on, or
 * in the heap. The code of the guest runs as C does, so that its variables are on the stack.
 */
#define _GNU_SOURCE

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "scan.h"
#include "tests.h"

enum { STACK_LEN = 1 << 20 };

static const struct signer_bytes *const MESSAGES = SCAN_MESSAGES;

static void sign(const struct library_signer *with, struct signer *signer) {
    unsigned char signature[3][64];
    for (size_t at = 0; at < 3; at++) {
        assert_code(with->sign(signer, MESSAGES[at].bytes, MESSAGES[at].len, signature[0]), SIGNER_OK);
    }
    assert_code(with->sign_many(signer, MESSAGES, 3, signature), SIGNER_OK);
}

static void sign_with(const struct library_signer *with, struct signer *signer) {
    unsigned char signature[64];
    for (size_t at = 0; at < 3; at++) {
        assert_code(with->sign_with(signer, KEYPAIR, 64, MESSAGES[at].bytes, MESSAGES[at].len, signature), SIGNER_OK);
    }
}

static void derive(const struct library_signer *with, struct signer *signer) {
    unsigned char public_key[32];
    assert_code(with->derive_public_key(signer, KEYPAIR, 32, public_key), SIGNER_OK);
}

static void replace(const struct library_signer *with, struct signer *signer) {
    unsigned char other[64];
    openssl_keypair((const unsigned char[32]){1, 2, 3}, other);
    sign(with, signer);
    assert_code(with->load_key(signer, other, 64), SIGNER_OK);
}

static void trap(const struct library_signer *with, struct signer *signer) {
    unsigned char signature[64];
    sign(with, signer);
    assert_code(with->sign_with(signer, MISMATCHED, 64, "hello", 5, signature), SIGNER_TRAPPED);
    sign(with, signer);
}

static void refuse(const struct library_signer *with, struct signer *signer) {
    assert_code(with->load_key(signer, MISMATCHED, 64), SIGNER_KEY_PAIR_MISMATCH);
}

/* Part of the signatures are made by a batch module, which has an instance of its own. */
static void batch(const struct library_signer *with, struct signer *signer) {
    static struct signer_batch_module module;
    module = module_of(with);
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

static void no_handler(int signal) { (void)signal; }

static void *do_job(void *job_) {
    struct job *job = job_;
    job->work(job->argument);
    raise(SIGUSR1); /* which puts all registers on the stack */
    pthread_barrier_wait(&job->done);
    pthread_barrier_wait(&job->done);
    return NULL;
}

/* The secret that is left on the stack, or NULL. */
static const char *left_on_stack(void (*work)(int), int argument) {
    static struct job job;
    pthread_t thread;
    pthread_attr_t attributes;
    unsigned char *stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(stack, MAP_FAILED);
    signal(SIGUSR1, no_handler);
    job.work = work;
    job.argument = argument;
    pthread_barrier_init(&job.done, NULL, 2);
    pthread_attr_init(&attributes);
    ck_assert_int_eq(pthread_attr_setstack(&attributes, stack, STACK_LEN), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, do_job, &job), 0);
    pthread_barrier_wait(&job.done);
    const char *found = scan_bytes(stack, STACK_LEN);
    pthread_barrier_wait(&job.done);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    munmap(stack, STACK_LEN);
    return found;
}

static void take_path(int path) {
    const struct library_signer *with = signer_raw();
    struct signer *signer;
    assert_code(with->open(&signer, KEYPAIR, 64), SIGNER_OK);
    ck_assert_uint_eq(scan_process().memories, 1);
    ck_assert_msg(scan_process().in_memory != NULL, "the scan finds the held key before the wipe");
    PATHS[path](with, signer);
    assert_code(with->wipe(signer), SIGNER_OK);
    struct findings found = scan_process();
    ck_assert_uint_eq(found.memories, PATHS[path] == batch ? 2 : 1);
    ck_assert_msg(found.in_memory == NULL, "path %d: %s stays in linear memory after a wipe", path, found.in_memory);
    ck_assert_msg(found.in_heap == NULL, "path %d: %s stays in the heap after a wipe", path, found.in_heap);
    /* Once more, to see that closing does as much. */
    assert_code(with->load_key(signer, KEYPAIR, 64), SIGNER_OK);
    PATHS[path](with, signer);
    with->close(&signer);
    found = scan_process();
    ck_assert_uint_eq(found.memories, 0);
    ck_assert_msg(found.in_heap == NULL, "path %d: %s stays in the heap after closing", path, found.in_heap);
}

TEST_LOOP(secrets, a_wipe_leaves_no_secret, PATH_COUNT) {
    scan_add_keypair();
    signer_raw(); /* loaded before, so that the thread only signs */
    const char *found = left_on_stack(take_path, _i);
    ck_assert_msg(found == NULL, "path %d: %s stays on the stack", _i, found);
}

/* A signer that has to keep more of the seed than registers can hold, while it calls the runtime: it is on the stack.
 */
static const struct library_signer *spilling_signer(void) {
    static const struct library_signer *loaded;
    if (loaded == NULL) {
        loaded =
            fake_signer("sign", "(local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (local.set 0 (i64.load (i32.const 0)))"
                                " (local.set 1 (i64.load (i32.const 8))) (local.set 2 (i64.load (i32.const 16)))"
                                " (local.set 3 (i64.load (i32.const 24))) (local.set 4 (i64.load (i32.const 1)))"
                                " (local.set 5 (i64.load (i32.const 9))) (local.set 6 (i64.load (i32.const 17)))"
                                " (local.set 7 (i64.load (i32.const 2))) (local.set 8 (i64.load (i32.const 10)))"
                                " (local.set 9 (i64.load (i32.const 18))) (drop (memory.grow (i32.const 0)))"
                                " (i64.store (i32.const 64) (local.get 0)) (i64.store (i32.const 72) (local.get 1))"
                                " (i64.store (i32.const 80) (i64.xor (local.get 2) (local.get 3)))"
                                " (i64.store (i32.const 88) (i64.xor (local.get 4) (local.get 5)))"
                                " (i64.store (i32.const 96) (i64.xor (local.get 6) (local.get 7)))"
                                " (i64.store (i32.const 104) (i64.xor (local.get 8) (local.get 9)))"
                                " (memory.fill (i32.const 64) (i32.const 0) (i32.const 64))");
    }
    return loaded;
}

/* What is passed for one call alone is gone from heap and stack after it, whatever it ended in; the signer stays open.
 */
static struct signer *still_open;
static bool refused;

static void pass_once(int way) {
    const struct library_signer *with = way == 4 ? spilling_signer() : signer_raw();
    unsigned char output[64];
    assert_code(with->open(&still_open, NULL, 0), SIGNER_OK);
    struct signer *signer = still_open;
    enum signer_code code = way == 0 || way == 4 ? with->sign_with(signer, KEYPAIR, 64, "hello", 5, output)
                            : way == 1           ? with->sign_with(signer, MISMATCHED, 64, "hello", 5, output)
                            : way == 2           ? with->derive_public_key(signer, KEYPAIR, 32, output)
                                                 : with->load_key(signer, MISMATCHED, 64);
    assert_code(code,
                ((enum signer_code[]){SIGNER_OK, SIGNER_TRAPPED, SIGNER_OK, SIGNER_KEY_PAIR_MISMATCH, SIGNER_OK})[way]);
    refused = code != SIGNER_OK;
}

TEST_LOOP(secrets, a_key_for_one_call_leaves_with_it, 5) {
    scan_add_keypair();
    signer_raw();
    spilling_signer();
    const char *found = left_on_stack(pass_once, _i);
    struct findings elsewhere = scan_process();
    ck_assert_uint_eq(elsewhere.memories, 1);
    /* A module may leave copies on the stack in its memory until the next wipe: it is wiped if it refused the key. */
    ck_assert_msg(!refused || elsewhere.in_memory == NULL, "way %d: %s stays in linear memory", _i,
                  elsewhere.in_memory);
    ck_assert_msg(elsewhere.in_heap == NULL, "way %d: %s stays in the heap", _i, elsewhere.in_heap);
    assert_code((_i == 4 ? spilling_signer() : signer_raw())->close(&still_open), SIGNER_OK);
    ck_assert_msg(found == NULL, "way %d: %s stays on the stack", _i, found);
}

/* Of a key that is read or written nothing stays, whatever the call ended in: neither its bytes nor its text. */
static const struct library_keys *reader;
static struct keys *still_reading;
static char key_file[KEYS_MAX_WRITTEN_LEN];
static size_t key_file_len;

static void read_or_write_key(int way) {
    static struct private_key key;
    enum keys_form form = (enum keys_form)(1 + way % 3);
    memcpy(key.seed, KEYPAIR, 32);
    memcpy(key.public_key, KEYPAIR + 32, 32);
    key.has_public_key = true;
    assert_code(reader->write_private_key(still_reading, &key, form, key_file, &key_file_len), SIGNER_OK);
    if (way < 3) { return; }
    bool is_whole = way < 6;
    assert_code(reader->read_private_key(still_reading, key_file, key_file_len - !is_whole, &key),
                is_whole           ? SIGNER_OK
                : form == KEYS_PEM ? SIGNER_OK /* without its last line end */
                : form == KEYS_DER ? SIGNER_KEY_DER
                                   : SIGNER_KEY_JWK);
}

TEST_LOOP(secrets, a_key_that_was_read_or_written_leaves_nothing, 9) {
    static const char base64[] = "_nKC1CFFwV0MD2xME8Z2lME-TgQJnby_hIm8HzZn9r8",
                      in_pem[] = "P5ygtQhRcFdDA9sTBPGdpTBPk4ECZ28v4SJvB82Z/a/";
    reader = load_file(built("keys"))->keys;
    assert_code(reader->open(&still_reading), SIGNER_OK);
    scan_add_keypair();
    scan_add("the seed in a JWK", (const unsigned char *)base64, sizeof base64 - 1);
    scan_add("the seed in PEM", (const unsigned char *)in_pem, sizeof in_pem - 1);
    const char *found = left_on_stack(read_or_write_key, _i);
    bool has_text = scan_bytes((unsigned char *)key_file, key_file_len) != NULL;
    ck_assert_msg(has_text, "way %d: the scan finds the key in its file", _i);
    struct findings elsewhere = scan_process();
    ck_assert_uint_eq(elsewhere.memories, 1);
    ck_assert_msg(elsewhere.in_memory == NULL, "way %d: %s stays in linear memory", _i, elsewhere.in_memory);
    ck_assert_msg(elsewhere.in_heap == NULL, "way %d: %s stays in the heap", _i, elsewhere.in_heap);
    ck_assert_msg(found == NULL, "way %d: %s stays on the stack", _i, found);
    assert_code(reader->close(&still_reading), SIGNER_OK);
}

__attribute__((noinline)) static void leave_a_secret(void) {
    unsigned char left[4096];
    memset(left, 0, sizeof left);
    memcpy(left + 1001, KEYPAIR, 32);
    __asm__ volatile("" : : "r"(left) : "memory"); /* so that nobody finds the copy needless */
}

static void leave_and_clear(int clears) {
    leave_a_secret();
    if (clears) { guest_clear_stack(); }
}

TEST(secrets, the_stack_is_cleared_and_the_scan_sees_it) {
    scan_add_keypair();
    ck_assert_ptr_nonnull(left_on_stack(leave_and_clear, 0));
    ck_assert_ptr_null(left_on_stack(leave_and_clear, 1));
}
