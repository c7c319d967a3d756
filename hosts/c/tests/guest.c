/* The runtime: traps of every kind, memory and its limits, deadlines, threads, and faults that are not a guest's. */
#define _GNU_SOURCE

#include "guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compiler.h"
#include "tests.h"

static const char TRAPS[] =
    "(module (memory (export \"memory\") 1 4) (table 2 10 funcref) (elem (i32.const 0) $nothing) (type $t (func (param "
    "i32)))"
    " (func $nothing)"
    " (func (export \"fine\") (result i32) i32.const 7)"
    " (func (export \"unreachable\") unreachable)"
    " (func (export \"divide\") (drop (i32.div_s (i32.const 1) (i32.load (i32.const 0)))))"
    " (func (export \"overflow\") (drop (i32.div_s (i32.load (i32.const 4)) (i32.const -1))))"
    " (func (export \"convert\") (drop (i32.trunc_f64_s (f64.div (f64.const 0) (f64.const 0)))))"
    " (func (export \"load\") (drop (i32.load (i32.const 65533))))"
    " (func (export \"load_far\") (drop (i64.load offset=4294967295 (i32.const -1))))"
    " (func (export \"store\") (i32.store8 (i32.const 65536) (i32.const 1)))"
    " (func (export \"fill\") (memory.fill (i32.const 65535) (i32.const 1) (i32.const 2)))"
    " (func (export \"empty\") (call_indirect (i32.const 1)))"
    " (func (export \"other_type\") (call_indirect (type $t) (i32.const 0) (i32.const 0)))"
    " (func (export \"beyond\") (call_indirect (i32.const 2)))"
    " (func (export \"table\") (drop (table.get 0 (i32.const 2))))"
    " (func $deep (export \"recurse\") (result i32) (i32.add (call $deep) (i32.const 1)))"
    " (func $tail (export \"recurse_last\") (call $tail))"
    " (func (export \"prepare\") (i32.store (i32.const 4) (i32.const 0x80000000)))"
    " (func (export \"grow_table\") (result i32) (table.grow 0 (ref.null func) (i32.const 8)))"
    " (func (export \"spin\") (loop $again (br $again)))"
    " (func (export \"spin_growing\") (loop $again (drop (table.grow 0 (ref.null func) (i32.const 0))) (br $again))))";

struct call {
    struct guest_call guest;
    union library_value param, result;
};

static struct guest_call *named(struct call *call, const char *export) {
    call->guest.function = library_function(call->guest.library, export);
    ck_assert_msg(call->guest.function != NULL, "the module has no export %s", export);
    call->guest.params = &call->param;
    call->guest.results = &call->result;
    return &call->guest;
}

/* By calloc: threads do it too, and `allocate` is for one. */
static struct call new_instance(const struct library *library) {
    struct call call = {.guest = {.library = library, .instance = calloc(1, library->instance_size)}};
    ck_assert_int_eq(guest_run(guest_instantiate, &call.guest), 0);
    return call;
}

static void free_instance(struct call *call) {
    call->guest.library->free(call->guest.instance);
    free(call->guest.instance);
}

static int run(struct call *call, const char *export, uint32_t param) {
    call->param.i32 = param;
    return guest_run(guest_call_export, named(call, export));
}

static void assert_gives(struct call *call, const char *export, uint32_t param, uint32_t result) {
    ck_assert_int_eq(run(call, export, param), 0);
    ck_assert_uint_eq(call->result.i32, result);
}

TEST(guest, every_trap_is_told) {
    static const struct {
        const char *export;
        int end;
    } cases[] = {
        {"unreachable", WASM_RT_TRAP_UNREACHABLE},
        {"divide", WASM_RT_TRAP_DIV_BY_ZERO},
        {"overflow", WASM_RT_TRAP_INT_OVERFLOW},
        {"convert", WASM_RT_TRAP_INVALID_CONVERSION},
        {"load", WASM_RT_TRAP_OOB},
        {"load_far", WASM_RT_TRAP_OOB},
        {"store", WASM_RT_TRAP_OOB},
        {"fill", WASM_RT_TRAP_OOB},
        {"empty", WASM_RT_TRAP_CALL_INDIRECT},
        {"other_type", WASM_RT_TRAP_CALL_INDIRECT},
        {"beyond", WASM_RT_TRAP_CALL_INDIRECT},
        {"table", WASM_RT_TRAP_OOB},
        {"recurse", WASM_RT_TRAP_EXHAUSTION},
        {"recurse_last", WASM_RT_TRAP_EXHAUSTION},
    };
    const struct library *library = load_text(TRAPS);
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        for (int times = 0; times < 2; times++) {
            struct call call = new_instance(library);
            ck_assert_int_eq(run(&call, "prepare", 0), 0);
            int end = run(&call, cases[at].export, 0);
            ck_assert_msg(end == cases[at].end, "%s ended with %d (%s)", cases[at].export, end, guest_end_text(end));
            free_instance(&call);
        }
    }
    struct call call = new_instance(library);
    assert_gives(&call, "fine", 0, 7);
    assert_gives(&call, "grow_table", 0, 2);
    assert_gives(&call, "grow_table", 0, UINT32_MAX);
    free_instance(&call);
}

TEST(guest, ends_have_texts) {
    for (int end = 0; end < WASM_RT_TRAP_EXHAUSTION; end++) {
        ck_assert_str_ne(guest_end_text(end), guest_end_text(-1));
        ck_assert_str_eq(wasm_rt_strerror((wasm_rt_trap_t)end), guest_end_text(end));
    }
    ck_assert_str_eq(guest_end_text(GUEST_CUT_OFF), "it was cut off at its deadline");
}

static const char MEMORY[] = "(module (memory (export \"memory\") 1) (func (export \"grow\") (param i32) (result i32) "
                             "(memory.grow (local.get 0)))"
                             " (func (export \"load\") (param i32) (result i32) (i32.load8_u (local.get 0))))";

TEST(guest, memory_grows_in_place_and_not_beyond_4_gib) {
    struct call call = new_instance(load_text(MEMORY));
    wasm_rt_memory_t *memory = call.guest.library->memory(call.guest.instance);
    const unsigned char *kept = memory->data;
    memory->data[65535] = 9;
    assert_gives(&call, "grow", 40000, 1);
    ck_assert_ptr_eq(memory->data, kept);
    ck_assert_uint_eq(kept[65535], 9);
    memory->data[0x80000000] = 8;
    assert_gives(&call, "load", 0x80000000, 8);
    ck_assert(guest_in_bounds(memory, memory->size - 1, 1));
    ck_assert(!guest_in_bounds(memory, memory->size - 1, 2));
    ck_assert(guest_in_bounds(memory, memory->size, 0));
    ck_assert(!guest_in_bounds(memory, 0, UINT64_MAX));
    assert_gives(&call, "grow", 65536, UINT32_MAX);
    assert_gives(&call, "grow", UINT32_MAX, UINT32_MAX);
    assert_gives(&call, "grow", 0, 40001);
    free_instance(&call);
}

TEST(guest, a_memory_limit_is_the_hosts) {
    const struct library *library = load_text(MEMORY);
    guest_set_memory_limit(2);
    struct call limited = new_instance(library);
    guest_set_memory_limit(UINT32_MAX);
    struct call unlimited = new_instance(library);
    assert_gives(&limited, "grow", 2, UINT32_MAX);
    assert_gives(&limited, "grow", 1, 1);
    assert_gives(&unlimited, "grow", 2, 1);
    free_instance(&limited);
    free_instance(&unlimited);
}

TEST_LOOP(guest, what_is_too_large_is_no_memory_and_not_a_crash, 2) {
    static const char *const modules[] = {"(module (memory 65536))", "(module (table 4294967295 funcref))"};
    const struct library *library = load_text(modules[_i]);
    struct call call = {.guest = {.library = library, .instance = calloc(1, library->instance_size)}};
    ck_assert_int_eq(guest_run(guest_instantiate, &call.guest), GUEST_NO_MEMORY);
    free_instance(&call);
}

TEST(guest, instances_give_back_all_their_memory) {
    const struct library *library = load_text(MEMORY);
    /* 8 GiB of addresses each: 20,000 of them would be more than the 128 TiB that a process has. */
    for (int times = 0; times < 20000; times++) {
        struct call call = new_instance(library);
        free_instance(&call);
    }
}

static uint64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

TEST_LOOP(guest, a_deadline_cuts_off, 2) {
    const struct library *library = load_text(TRAPS);
    const char *export = _i == 0 ? "spin" : "spin_growing";
    for (unsigned deadline_ms = 1; deadline_ms <= 100; deadline_ms += 33) {
        struct call call = new_instance(library);
        uint64_t start = milliseconds();
        ck_assert_int_eq(guest_run_for(deadline_ms, guest_call_export, named(&call, export)), GUEST_CUT_OFF);
        ck_assert_uint_ge(milliseconds() - start + 1, deadline_ms);
        free_instance(&call);
        /* The allocator was not left in the middle. */
        free(malloc(100));
    }
}

TEST(guest, a_deadline_that_is_not_reached_changes_nothing) {
    struct call call = new_instance(load_text(TRAPS));
    for (int times = 0; times < 100; times++) {
        ck_assert_int_eq(guest_run_for(10000, guest_call_export, named(&call, "fine")), 0);
        ck_assert_uint_eq(call.result.i32, 7);
    }
    ck_assert_int_eq(guest_run_for(10000, guest_call_export, named(&call, "unreachable")), WASM_RT_TRAP_UNREACHABLE);
    free_instance(&call);
}

static void *trap_in_a_thread(void *library) {
    for (int times = 0; times < 200; times++) {
        struct call call = new_instance(library);
        const char *export = times % 3 == 0 ? "recurse" : times % 3 == 1 ? "store" : "unreachable";
        int wanted = times % 3 == 0   ? WASM_RT_TRAP_EXHAUSTION
                     : times % 3 == 1 ? WASM_RT_TRAP_OOB
                                      : WASM_RT_TRAP_UNREACHABLE;
        int end = run(&call, export, 0);
        free_instance(&call);
        if (end != wanted) { return "a trap of another kind"; }
    }
    return NULL;
}

TEST(guest, threads_run_their_own_guests) {
    const struct library *library = load_text(TRAPS);
    pthread_t threads[4];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    for (int at = 0; at < 4; at++) {
        ck_assert_int_eq(pthread_create(&threads[at], &small, trap_in_a_thread, (void *)(uintptr_t)library), 0);
    }
    for (int at = 0; at < 4; at++) {
        void *problem;
        pthread_join(threads[at], &problem);
        ck_assert_msg(problem == NULL, "%s", (char *)problem);
    }
}

static void run_inside(void *argument) {
    struct call *call = argument;
    ck_assert_int_eq(run(call, "unreachable", 0), WASM_RT_TRAP_UNREACHABLE);
    guest_end_run(GUEST_BROKEN);
}

TEST(guest, runs_may_be_nested) {
    struct call call = new_instance(load_text(TRAPS));
    ck_assert_int_eq(guest_run(run_inside, &call), GUEST_BROKEN);
    free_instance(&call);
}

__attribute__((noinline)) static void touch_nothing(void *argument) { *(volatile int *)argument = 1; }

/* A bad access by the host is not a trap, inside a run or outside: it ends the process, as it would without us. */
TEST_LOOP(guest, a_fault_of_the_host_is_no_trap, 2) {
    pid_t child = fork();
    if (child == 0) {
        struct call call = new_instance(load_text(TRAPS));
        void *volatile nowhere = (void *)8;
        int silence = open("/dev/null", O_WRONLY);
        dup2(silence, STDERR_FILENO); /* AddressSanitizer describes the fault at length */
        run(&call, "store", 0);       /* installs the handler */
        if (_i == 0) {
            guest_run(touch_nothing, nowhere);
        } else {
            touch_nothing(nowhere);
        }
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    /* AddressSanitizer reports the fault and exits. */
    ck_assert_msg(IS_SANITIZED ? WIFEXITED(status) && WEXITSTATUS(status) != 0
                               : WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
                  "wait status %x", (unsigned)status);
}
