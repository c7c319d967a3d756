/* A signer that fails at its n-th call, for each n: hosts/fixtures/signer-faulty.wat. Whatever a call ends in, the
 * state is the documented one, and no secret stays that is not held. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "module.h"
#include "scan.h"
#include "tests.h"

enum { LAST_CALL = 40 };
static const uint32_t NEVER = UINT32_MAX;

/* A key that is passed to a call; KEYPAIR is the one that is held. */
static unsigned char other[64];
static unsigned char many[2][64];
static const struct signer_bytes messages[2] = {{"hello", 5}, {"hello", 5}};

/* The fixture, with the two counters in one long segment of data: the compiler makes instructions of a short one. */
static const struct library *load(void) {
    enum { DATA_LEN = 1024, TRAP_AT = 16, FAIL_AT = 32 };
    /* Section 11 of 1031 bytes: one segment, for memory 0 from address 0, of 1024 bytes. */
    static unsigned char data[10 + DATA_LEN] = "\x0b\x87\x08\1\0\x41\0\x0b\x80\x08";
    memcpy(data + 10 + TRAP_AT, "TRAP-AT:\xff\xff\xff\xff", 12);
    memcpy(data + 10 + FAIL_AT, "FAIL-AT:\xff\xff\xff\xff", 12);
    size_t len;
    struct module module;
    unsigned char *wasm = file_read(built("../fixtures/signer-faulty"), &len);
    ck_assert_ptr_null(module_read(&module, wasm, len));
    size_t code_end = (size_t)(module.sections[10].at + module.sections[10].len - module.wasm);
    unsigned char *changed = allocate(code_end + sizeof data, 1);
    memcpy(changed, wasm, code_end);
    memcpy(changed + code_end, data, sizeof data);
    return load_bytes(changed, code_end + sizeof data);
}

static const struct library *library(void) {
    static const struct library *loaded;
    if (loaded == NULL) {
        loaded = load();
        unsigned char seed[32];
        for (size_t at = 0; at < 32; at++) { /* no eight bytes in a row that are somewhere anyway */
            seed[at] = (unsigned char)(37 * at + 11);
        }
        openssl_keypair(seed, other);
    }
    return loaded;
}

/* As memmem, which AddressSanitizer keeps from reading all of a library. */
__attribute__((no_sanitize_address)) static unsigned char *find(unsigned char *from, const unsigned char *end,
                                                                const char *text) {
    size_t len = strlen(text);
    for (; from + len <= end; from++) {
        size_t same = 0;
        while (same < len && from[same] == (unsigned char)text[same]) { same++; }
        if (same == len) { return from; }
    }
    return NULL;
}

/* The four bytes after a text in the library that was loaded, which is what its instances begin with; made writable. */
static unsigned char *after(const struct library *loaded, const char *text) {
    Dl_info of;
    unsigned long start, end;
    char line[4600], access[8];
    unsigned char *found = NULL;
    ck_assert(dladdr((void *)(uintptr_t)loaded->instantiate, &of) != 0);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (found == NULL && fgets(line, sizeof line, maps) != NULL) {
        ck_assert_int_eq(sscanf(line, "%lx-%lx %7s", &start, &end, access), 3);
        if (strstr(line, of.dli_fname) != NULL && access[0] == 'r' && access[2] != 'x') {
            found = find((unsigned char *)start, (const unsigned char *)end, text);
        }
    }
    fclose(maps);
    ck_assert_ptr_nonnull(found);
    if (access[1] != 'w') { ck_assert_int_eq(mprotect((void *)start, end - start, PROT_READ | PROT_WRITE), 0); }
    return found + strlen(text);
}

/* From now on, new instances trap at this call, and refuse everything from that one on. */
static void set_faults(uint32_t trap_at, uint32_t fail_at) {
    memcpy(after(library(), "TRAP-AT:"), &trap_at, 4);
    memcpy(after(library(), "FAIL-AT:"), &fail_at, 4);
}

#define CALL(NAME, FUNCTION, ...)                                                                                      \
    static enum signer_code NAME(void) { return with->FUNCTION(signer, __VA_ARGS__); }
CALL(sign, sign, "hello", 5, output)
CALL(sign_many, sign_many, messages, 2, many)
CALL(sign_with, sign_with, other, 64, "hello", 5, output)
CALL(verify, verify, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64)
CALL(verify_strict, verify_strict, KEYPAIR + 32, 32, "hello", 5, HELLO_SIGNATURE, 64)
CALL(derive, derive_public_key, other, 32, output)
CALL(load_key, load_key, other, 64)
CALL(load_nothing, load_key, NULL, 64)

static enum signer_code wipe(void) { return with->wipe(signer); }

static enum signer_code (*const CALLS[])(void) = {sign,   sign_many, sign_with,    verify, verify_strict,
                                                  derive, load_key,  load_nothing, wipe};
enum { CALL_COUNT = sizeof CALLS / sizeof *CALLS };

static void assert_not_found(const char *when, uint32_t at, const unsigned char *first, const unsigned char *second) {
    scan_forget();
    if (first != NULL) { scan_add("the seed that was held", first, 32); }
    if (second != NULL) { scan_add("the seed that was passed", second, 32); }
    struct findings found = scan_process();
    ck_assert_msg(found.in_memory == NULL, "%s at %u: %s stays in linear memory", when, at, found.in_memory);
    ck_assert_msg(found.in_heap == NULL, "%s at %u: %s stays in the heap", when, at, found.in_heap);
}

/* What the held key is after a call that ended in this code. */
static enum signer_code assert_state(enum signer_code (*call)(void), enum signer_code code) {
    unsigned char public_key[32];
    enum signer_code state = with->public_key(signer, public_key);
    bool replaces = call == load_key || call == load_nothing, clears = replaces || call == wipe;
    if (state == SIGNER_CLOSED) {
        assert_code(code, SIGNER_TRAPPED);
        assert_code(sign(), SIGNER_CLOSED);
        ck_assert_uint_eq(scan_process().memories, 0);
    } else if (clears && (code != SIGNER_OK || call == wipe)) {
        assert_code(state, SIGNER_NO_KEY);
        assert_code(sign(), SIGNER_NO_KEY);
    } else {
        assert_code(state, SIGNER_OK);
        ck_assert_mem_eq(public_key, (replaces ? other : KEYPAIR) + 32, 32);
    }
    return state;
}

/* One call on a signer that holds KEYPAIR, and whose module fails at its n-th call. Returns whether it was opened. */
static bool fail_at(enum signer_code (*call)(void), uint32_t at, bool traps) {
    const char *how = traps ? "a trap" : "a refusal";
    with = library()->signer;
    set_faults(traps ? at : NEVER, traps ? NEVER : at);
    bool is_open = with->open(&signer, KEYPAIR, 64) == SIGNER_OK;
    if (is_open) {
        enum signer_code code = call();
        enum signer_code state = assert_state(call, code);
        bool is_replaced = call == load_key && code == SIGNER_OK;
        assert_not_found(how, at, state == SIGNER_OK && !is_replaced ? NULL : KEYPAIR, is_replaced ? NULL : other);
        assert_code(with->close(&signer), SIGNER_OK);
    }
    ck_assert_ptr_null(signer);
    ck_assert_uint_eq(scan_process().memories, 0);
    assert_not_found(how, at, KEYPAIR, other);
    return is_open;
}

TEST_LOOP(faulty, whatever_a_call_ends_in_no_secret_stays, CALL_COUNT) {
    int opened = 0;
    for (uint32_t at = 1; at <= LAST_CALL; at++) {
        opened += fail_at(CALLS[_i], at, true);
        opened += fail_at(CALLS[_i], at, false);
    }
    ck_assert_int_gt(opened, LAST_CALL);
}

/* After the trap no new instance can be made (it traps at its first call), or it does not take the key. */
TEST_LOOP(faulty, a_signer_that_cannot_be_restored_is_closed, CALL_COUNT) {
    with = library()->signer;
    static const uint32_t faults[][2] = {{1, UINT32_MAX}, {4, UINT32_MAX}, {UINT32_MAX, 1}};
    struct signer_batch_module module = module_of(signer_raw());
    int trapped = 0;
    for (uint32_t at = 5; at <= 12; at++) {
        for (size_t fault = 0; fault < 3; fault++) {
            set_faults(at, NEVER);
            open_signer(with, KEYPAIR);
            assert_code(with->set_batch_modules(signer, &module, 1), SIGNER_OK);
            assert_code(sign_many(), SIGNER_OK); /* by the batch module, which now holds the key too */
            ck_assert_uint_eq(scan_process().memories, 2);
            set_faults(faults[fault][0], faults[fault][1]);
            enum signer_code code = CALLS[_i]();
            if (code == SIGNER_TRAPPED && CALLS[_i] != wipe && CALLS[_i] != load_key && CALLS[_i] != load_nothing) {
                assert_code(sign(), SIGNER_CLOSED);
                assert_code(sign_many(), SIGNER_CLOSED);
                assert_code(with->public_key(signer, output), SIGNER_CLOSED);
                assert_code(load_key(), SIGNER_CLOSED);
                assert_code(wipe(), SIGNER_CLOSED);
                ck_assert_uint_eq(scan_process().memories, 0);
                assert_not_found("closed", at, KEYPAIR, other);
                trapped++;
            }
            assert_code(with->close(&signer), SIGNER_OK);
            ck_assert_uint_eq(scan_process().memories, 0);
            assert_not_found("a restart", at, KEYPAIR, other);
        }
    }
    bool can_trap = CALLS[_i] != sign_many && CALLS[_i] != wipe && CALLS[_i] != load_key && CALLS[_i] != load_nothing;
    ck_assert(!can_trap || trapped >= 3);
}

/* The batch module fails; the main one, signer-raw, goes on. */
TEST_LOOP(faulty, a_batch_signer_that_fails_leaves_no_secret, 2) {
    struct signer_batch_module module = module_of(library()->signer);
    for (uint32_t at = 1; at <= LAST_CALL; at++) {
        for (int restarts = 0; restarts < 3; restarts++) {
            open_signer(signer_raw(), KEYPAIR);
            assert_code(with->set_batch_modules(signer, &module, 1), SIGNER_OK);
            set_faults(_i == 0 ? at : NEVER, _i == 0 ? NEVER : at);
            enum signer_code code = sign_many();
            if (restarts > 0 && code == SIGNER_OK) { /* no further instance, or none that takes the key */
                set_faults(restarts == 1 ? 1 : NEVER, restarts == 1 ? NEVER : 1);
                for (int times = 0; times < 8 && code == SIGNER_OK; times++) { code = sign_many(); }
                if (code == SIGNER_TRAPPED) {
                    ck_assert_int_eq(with->batch_module(signer), -1);
                    ck_assert_uint_eq(scan_process().memories, 1);
                    /* The main module signs from now on, even if the other one could again. */
                    set_faults(NEVER, NEVER);
                    assert_code(sign_many(), SIGNER_OK);
                    ck_assert_mem_eq(many[1], HELLO_SIGNATURE, 64);
                    ck_assert_int_eq(with->batch_module(signer), -1);
                }
            }
            assert_code(sign(), SIGNER_OK);
            ck_assert_mem_eq(output, HELLO_SIGNATURE, 64);
            /* A wipe that traps is reported, and clears all the same. */
            code = with->wipe(signer);
            ck_assert(code == SIGNER_OK || code == SIGNER_TRAPPED);
            assert_not_found("wiped", at, KEYPAIR, NULL);
            assert_code(with->close(&signer), SIGNER_OK);
            ck_assert_uint_eq(scan_process().memories, 0);
            assert_not_found("closed", at, KEYPAIR, NULL);
        }
    }
}

/* A signer that traps when it signs, refuses every seed, and knows whether it has a key. If it begins with BREAKS:1, it
 * traps when it is given a key too, and its `wipe` never ends after that. */
static const struct library *load_keeper(void) {
    const char *more = format("(data (i32.const 8192) \"BREAKS:0%1016s\") (global $held (mut i32) (i32.const 0))"
                              " (global $broken (mut i32) (i32.const 0))",
                              "");
    return load_fake(&(struct fake){
        .is_least = true,
        .more = more,
        .bodies = {{"sign", "unreachable"},
                   {"sign_loaded", "(select (i32.const 0) (i32.const 2) (global.get $held))"},
                   {"derive_public_key", "i32.const 8"},
                   {"load_key", "(if (i32.eq (i32.load8_u (i32.const 8199)) (i32.const 49)) (then (global.set $broken"
                                " (i32.const 1)) unreachable)) (global.set $held (i32.const 1)) i32.const 0"},
                   {"wipe", "(loop $again (br_if $again (global.get $broken))) (global.set $held (i32.const 0))"}}});
}

TEST(faulty, a_held_key_outlives_a_seed_that_is_refused) {
    open_signer(load_keeper()->signer, KEYPAIR);
    assert_code(with->derive_public_key(signer, other, 32, output), SIGNER_SELF_TEST_FAILED);
    assert_code(with->sign(signer, "", 0, output), SIGNER_OK);
}

TEST(faulty, an_instance_that_trapped_is_never_called_again) {
    const struct library *keeper = load_keeper();
    open_signer(keeper->signer, KEYPAIR);
    *after(keeper, "BREAKS:") = '1';
    alarm(30); /* its wipe would never end */
    assert_code(with->sign_with(signer, other, 64, "", 0, output), SIGNER_TRAPPED);
    assert_code(with->sign(signer, "", 0, output), SIGNER_CLOSED);
    alarm(0);
}
