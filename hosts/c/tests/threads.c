/* Two threads on one signer: right signatures and IN_USE, and nothing else. EVERYHOST_THREADS_SECONDS says how long. */
#define _GNU_SOURCE

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests.h"

enum { THREADS = 2, MESSAGES = 4, MANY = 40000 };

static atomic_bool is_over;
static unsigned char messages[MESSAGES][200], signatures[MESSAGES][64];
static struct signer_bytes batch[MESSAGES];

struct tally {
    pthread_t thread;
    unsigned long right, in_use;
    const char *problem;
};

/* Counts an answer. False if it is wrong: then the thread ends. */
static bool is_right(struct tally *tally, enum signer_code code, const void *given, const void *wanted, size_t len,
                     const char *what) {
    if (code == SIGNER_IN_USE) {
        tally->in_use++;
    } else if (code == SIGNER_OK && memcmp(given, wanted, len) == 0) {
        tally->right++;
    } else {
        tally->problem = what;
    }
    return tally->problem == NULL;
}

/* One call after another, of every kind; load_key loads the same key, so that every signature stays the same. */
static void *use(void *tally_) {
    struct tally *tally = tally_;
    unsigned char out[MESSAGES][64], public_key[32];
#define CALL(FUNCTION, GIVEN, WANTED, LEN, ...)                                                                        \
    is_right(tally, with->FUNCTION(signer, __VA_ARGS__), GIVEN, WANTED, LEN, #FUNCTION)
    for (size_t times = 0; !atomic_load(&is_over); times++) {
        size_t at = times % MESSAGES, len = sizeof messages[at];
        if (!CALL(sign, out, signatures[at], 64, messages[at], len, out[0]) ||
            !CALL(sign_with, out, signatures[at], 64, KEYPAIR, 64, messages[at], len, out[0]) ||
            !CALL(sign_many, out, signatures, sizeof out, batch, MESSAGES, out) ||
            !CALL(verify, out, out, 0, KEYPAIR + 32, 32, messages[at], len, signatures[at], 64) ||
            !CALL(derive_public_key, public_key, KEYPAIR + 32, 32, KEYPAIR, 32, public_key) ||
            !CALL(public_key, public_key, KEYPAIR + 32, 32, public_key) || !CALL(load_key, out, out, 0, KEYPAIR, 64)) {
            break;
        }
        int place = with->batch_module(signer);
        if (place != 0 && place != -1 && place != SIGNER_IN_USE) {
            tally->problem = "batch_module";
            break;
        }
        if (times % 16 == 0) { /* a trap, and a new instance */
            enum signer_code code = with->sign_with(signer, MISMATCHED, 64, "", 0, out[0]);
            if (code != SIGNER_TRAPPED && code != SIGNER_IN_USE) {
                tally->problem = "a trap";
                break;
            }
        }
    }
    return NULL;
}

static unsigned seconds(void) {
    const char *given = getenv("EVERYHOST_THREADS_SECONDS");
    return given == NULL ? 1 : (unsigned)strtoul(given, NULL, 10);
}

TEST(threads, two_threads_get_right_signatures_or_in_use) {
    struct signer_batch_module module = module_of(signer_raw());
    struct tally tallies[THREADS] = {{.problem = NULL}};
    for (size_t at = 0; at < MESSAGES; at++) {
        memset(messages[at], (int)at, sizeof messages[at]);
        openssl_sign(KEYPAIR, messages[at], sizeof messages[at], signatures[at]);
        batch[at] = (struct signer_bytes){messages[at], sizeof messages[at]};
    }
    open_signer(signer_raw(), KEYPAIR);
    assert_code(with->set_batch_modules(signer, &module, 1), SIGNER_OK);
    for (size_t at = 0; at < THREADS; at++) {
        ck_assert_int_eq(pthread_create(&tallies[at].thread, NULL, use, &tallies[at]), 0);
    }
    nanosleep(&(struct timespec){.tv_sec = seconds()}, NULL);
    atomic_store(&is_over, true);
    unsigned long right = 0, in_use = 0;
    for (size_t at = 0; at < THREADS; at++) {
        pthread_join(tallies[at].thread, NULL);
        ck_assert_msg(tallies[at].problem == NULL, "%s", tallies[at].problem);
        right += tallies[at].right;
        in_use += tallies[at].in_use;
    }
    if (getenv("EVERYHOST_THREADS_SECONDS") != NULL) {
        printf("%u s: %lu right, %lu IN_USE\n", seconds(), right, in_use);
    }
    ck_assert_uint_gt(right, 0);
    ck_assert_uint_gt(in_use, 0);
    with->close(&signer);
    ck_assert_ptr_null(signer);
}

static struct signer_bytes many[MANY];
static unsigned char many_signatures[MANY][64];
static enum signer_code many_code;

static void *sign_many(void *nothing) {
    do { /* the other thread asks all the time whether this one has begun, which is a call as well */
        many_code = with->sign_many(signer, many, MANY, many_signatures);
    } while (many_code == SIGNER_IN_USE);
    return nothing;
}

/* While a call is in progress, which takes a second or two here. */
TEST(threads, a_call_in_progress_is_left_alone) {
    struct signer *same;
    pthread_t thread;
    unsigned char untouched[64];
    memset(output, 7, sizeof output);
    memset(untouched, 7, sizeof untouched);
    for (size_t at = 0; at < MANY; at++) { many[at] = (struct signer_bytes){"hello", 5}; }
    open_signer(signer_raw(), KEYPAIR);
    same = signer;
    ck_assert_int_eq(pthread_create(&thread, NULL, sign_many, NULL), 0);
    while (with->public_key(signer, (unsigned char[32]){0}) != SIGNER_IN_USE) {}
    assert_code(with->close(&same), SIGNER_IN_USE);
    ck_assert_ptr_eq(same, signer);
    assert_code(with->sign(signer, output, sizeof output, output), SIGNER_IN_USE);
    assert_code(with->sign_with(signer, MISMATCHED, 64, output, sizeof output, output), SIGNER_IN_USE);
    assert_code(with->sign_many(signer, many, 1, &output), SIGNER_IN_USE);
    assert_code(with->verify(signer, KEYPAIR + 32, 32, "", 0, output, 64), SIGNER_IN_USE);
    assert_code(with->verify_strict(signer, KEYPAIR + 32, 32, "", 0, output, 64), SIGNER_IN_USE);
    assert_code(with->derive_public_key(signer, output, 32, output), SIGNER_IN_USE);
    assert_code(with->public_key(signer, output), SIGNER_IN_USE);
    assert_code(with->load_key(signer, MISMATCHED, 64), SIGNER_IN_USE);
    assert_code(with->load_key(signer, NULL, 0), SIGNER_IN_USE);
    assert_code(with->wipe(signer), SIGNER_IN_USE);
    assert_code(with->set_batch_modules(signer, NULL, 0), SIGNER_IN_USE);
    ck_assert_int_eq(with->batch_module(signer), SIGNER_IN_USE);
    /* What is passed may be passed again: it was not zeroed. */
    ck_assert_mem_eq(output, untouched, sizeof output);
    pthread_join(thread, NULL);
    assert_code(many_code, SIGNER_OK);
    for (size_t at = 0; at < MANY; at++) { ck_assert_mem_eq(many_signatures[at], HELLO_SIGNATURE, 64); }
    assert_signs_hello();
    assert_code(with->close(&signer), SIGNER_OK);
    ck_assert_ptr_null(signer);
}

static struct adder *adder;
static const struct library_adder *add_raw;

static void *add(void *problem) {
    const char **said = problem;
    for (int32_t times = 0; !atomic_load(&is_over); times++) {
        int32_t value = -1;
        enum signer_code code = add_raw->add(adder, times, 1, &value);
        enum signer_code trapped = times % 16 == 0 ? add_raw->divide(adder, 1, 0, &(int32_t){0}) : SIGNER_TRAPPED;
        if ((code != SIGNER_IN_USE && (code != SIGNER_OK || value != times + 1)) ||
            (trapped != SIGNER_IN_USE && trapped != SIGNER_TRAPPED)) {
            *said = "a wrong sum, or another code";
            break;
        }
    }
    return NULL;
}

TEST(threads, an_adder_is_for_one_call_at_a_time_too) {
    add_raw = load_file(built("add-raw"))->adder;
    pthread_t threads[THREADS];
    const char *problems[THREADS] = {NULL};
    assert_code(add_raw->open(&adder), SIGNER_OK);
    for (size_t at = 0; at < THREADS; at++) {
        ck_assert_int_eq(pthread_create(&threads[at], NULL, add, &problems[at]), 0);
    }
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    atomic_store(&is_over, true);
    for (size_t at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
        ck_assert_msg(problems[at] == NULL, "%s", problems[at]);
    }
    assert_code(add_raw->close(&adder), SIGNER_OK);
}
