/* The runtime of wasm2c's modules on 64-bit Linux. guest.h says what a host does with it, wasm-rt.h what modules do. */
#define _GNU_SOURCE

#include "guest.h"

#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if UINTPTR_MAX <= UINT32_MAX || !WASM_RT_MEMCHECK_SIGNAL_HANDLER || WASM_RT_USE_STACK_DEPTH_COUNT
#error "guest.c is for 64-bit systems, with memory and stack checked by the processor (the defaults of wasm-rt.h)"
#endif

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define PAGE_LEN ((size_t)65536)
/* wasm-rt.h counts the bytes of a memory in 32 bits, so that the last page of 4 GiB cannot be had. */
#define MAX_PAGES ((uint32_t)65535)
/* A 32-bit pointer, a 32-bit offset and the bytes that are read there: none of it can lead beyond. */
#define RESERVED_LEN (((size_t)8 << 30) + PAGE_LEN)
#define MAX_TABLE_LEN ((uint32_t)10000000)
#define SIGNAL_STACK_LEN ((size_t)65536)
#define CLEARED_STACK_LEN ((size_t)65536)
/* How far beyond the end of the stack a first access may be: so much is kept free below a growing stack. */
#define STACK_GAP ((uintptr_t)1 << 20)

/* One call of guest_run; it lives on the stack. */
struct run {
    sigjmp_buf resume;
    struct run *outer;
    /* Which deadline is this run's; 0 for none. */
    int deadline;
};

static _Thread_local struct run *current;
static _Thread_local uint32_t memory_limit = UINT32_MAX;
static _Thread_local uintptr_t stack_low;
/* While the allocator is at work for the guest it cannot be left: a deadline waits for its end. */
static _Thread_local volatile sig_atomic_t in_allocator;
static _Thread_local volatile sig_atomic_t cut_off_in_allocator;

static bool prepare_thread(void);
static bool start_deadline(timer_t *timer, int id);
static void arm(timer_t timer, unsigned deadline_ms);

static int run(unsigned deadline_ms, void (*work)(void *), void *argument) {
    static _Thread_local int deadlines;
    if (!prepare_thread()) { return GUEST_NO_MEMORY; }
    struct run this = {.outer = current};
    timer_t timer;
    if (deadline_ms != 0) {
        deadlines = deadlines == INT32_MAX ? 1 : deadlines + 1;
        this.deadline = deadlines;
        if (!start_deadline(&timer, this.deadline)) { return GUEST_NO_MEMORY; }
    }
    /* The handlers do not block their signals, so that the mask needs not to be saved: that is a system call a run. */
    int end = sigsetjmp(this.resume, 0);
    if (end == 0) {
        current = &this;
        if (deadline_ms != 0) { arm(timer, deadline_ms); }
        work(argument);
    }
    current = this.outer;
    if (deadline_ms != 0) { timer_delete(timer); }
    return end;
}

int guest_run(void (*work)(void *), void *argument) { return run(0, work, argument); }

int guest_run_for(unsigned deadline_ms, void (*work)(void *), void *argument) {
    return run(deadline_ms == 0 ? 1 : deadline_ms, work, argument);
}

void guest_end_run(int end) {
    if (current == NULL) {
        fprintf(stderr, "guest.c: a guest was called outside guest_run, and ended: %s\n", guest_end_text(end));
        abort();
    }
    siglongjmp(current->resume, end);
}

/* memory->data and memory->size are looked at after the last call of the guest: it may have grown in any of them. */
void guest_copy_in(wasm_rt_memory_t *memory, uint32_t ptr, const void *bytes, size_t len) {
    if (!guest_in_bounds(memory, ptr, len)) { guest_end_run(WASM_RT_TRAP_OOB); }
    if (len > 0) { memcpy(memory->data + ptr, bytes, len); }
}

void guest_copy_out(const wasm_rt_memory_t *memory, uint32_t ptr, void *bytes, size_t len) {
    if (!guest_in_bounds(memory, ptr, len)) { guest_end_run(WASM_RT_TRAP_OOB); }
    if (len > 0) { memcpy(bytes, memory->data + ptr, len); }
}

void guest_need_stack(size_t len) {
    if ((uintptr_t)__builtin_frame_address(0) < stack_low + len) { guest_end_run(WASM_RT_TRAP_EXHAUSTION); }
}

void wasm_rt_trap(wasm_rt_trap_t trap) { guest_end_run((int)trap); }

const char *guest_end_text(int end) {
    static const char *const texts[] = {
        [WASM_RT_TRAP_NONE] = "it did not trap",
        [WASM_RT_TRAP_OOB] = "out of bounds of linear memory or of a table",
        [WASM_RT_TRAP_INT_OVERFLOW] = "integer overflow",
        [WASM_RT_TRAP_DIV_BY_ZERO] = "integer division by zero",
        [WASM_RT_TRAP_INVALID_CONVERSION] = "a number that is no integer cannot be made one",
        [WASM_RT_TRAP_UNREACHABLE] = "unreachable was reached",
        [WASM_RT_TRAP_CALL_INDIRECT] = "an indirect call of no function, or of one of another type",
        [WASM_RT_TRAP_UNCAUGHT_EXCEPTION] = "an exception that nothing catches",
        [WASM_RT_TRAP_EXHAUSTION] = "stack overflow: the call stack is exhausted",
        [GUEST_CUT_OFF] = "it was cut off at its deadline",
        [GUEST_NO_MEMORY] = "the system has no memory for it",
        [GUEST_BROKEN] = "the guest breaks its own rules",
        [GUEST_HOST_FAILED] = "a function of the host failed",
    };
    bool is_known = end >= 0 && end <= GUEST_HOST_FAILED && texts[end] != NULL;
    return is_known ? texts[end] : "a trap that this host does not know";
}

const char *wasm_rt_strerror(wasm_rt_trap_t trap) { return guest_end_text((int)trap); }

/* memcpy moves a key through the widest registers there are, and it may stay in them for long. A signal puts them all
 * on the stack, and so does the dynamic linker when it resolves a function. These are the registers that no function
 * keeps for its caller; noinline, so that the caller knows that they are not what they were. */
__attribute__((noinline)) static void clear_vector_registers(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        __asm__ volatile(".irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
                         "vpxord %zmm\\n, %zmm\\n, %zmm\\n\n\t.endr");
    }
    if (__builtin_cpu_supports("avx")) {
        __asm__ volatile("vzeroall");
    } else {
        __asm__ volatile(".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
                         "pxor %xmm\\n, %xmm\\n\n\t.endr");
    }
#elif defined(__aarch64__)
    __asm__ volatile(
        ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
        "movi v\\n\\().16b, #0\n\t.endr");
#endif
}

/* Noinline: otherwise this frame would be a part of the caller's, which is not cleared. */
__attribute__((noinline)) void guest_clear_stack(void) {
    clear_vector_registers();
    if (!prepare_thread()) { return; }
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    size_t room = here > stack_low + PAGE_LEN ? here - stack_low - PAGE_LEN : 0;
    size_t len = room < CLEARED_STACK_LEN ? room : CLEARED_STACK_LEN;
    if (len > 0) { explicit_bzero(alloca(len), len); }
}

/* Faults: what lies beyond linear memory cannot be accessed, nor what lies beyond the stack. */

static struct sigaction handler_before;
static pthread_key_t signal_stack_key;

/* A fault that no guest is to blame for is given to whom it would have gone without us. */
static void pass_on(int signal, siginfo_t *info, void *context) {
    if (handler_before.sa_flags & SA_SIGINFO) {
        handler_before.sa_sigaction(signal, info, context);
    } else if (handler_before.sa_handler == SIG_DFL || handler_before.sa_handler == SIG_IGN) {
        /* The access is tried again on return, and then ends the process. */
        sigaction(signal, &handler_before, NULL);
        if (info->si_code <= 0) { raise(signal); }
    } else {
        handler_before.sa_handler(signal);
    }
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    if (current != NULL && !in_allocator && info->si_code > 0) {
        uintptr_t at = (uintptr_t)info->si_addr;
        if (at >= stack_low - STACK_GAP && at < stack_low + PAGE_LEN) { guest_end_run(WASM_RT_TRAP_EXHAUSTION); }
        if (info->si_code == SEGV_ACCERR) { guest_end_run(WASM_RT_TRAP_OOB); }
    }
    pass_on(signal, info, context);
}

static void free_signal_stack(void *stack) {
    stack_t off = {.ss_flags = SS_DISABLE};
    sigaltstack(&off, NULL);
    munmap(stack, SIGNAL_STACK_LEN);
}

static void install_fault_handler(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    action.sa_sigaction = on_fault;
    sigemptyset(&action.sa_mask);
    if (pthread_key_create(&signal_stack_key, free_signal_stack) != 0 ||
        sigaction(SIGSEGV, &action, &handler_before) != 0) {
        perror("guest.c: the handler for traps cannot be installed");
        abort();
    }
}

/* A stack overflow needs another stack to be handled on. A thread that has one keeps it. */
static bool give_signal_stack(void) {
    stack_t stack;
    if (sigaltstack(NULL, &stack) != 0) { return false; }
    if (!(stack.ss_flags & SS_DISABLE)) { return true; }
    void *memory = mmap(NULL, SIGNAL_STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) { return false; }
    stack = (stack_t){.ss_sp = memory, .ss_size = SIGNAL_STACK_LEN};
    if (sigaltstack(&stack, NULL) != 0 || pthread_setspecific(signal_stack_key, memory) != 0) {
        munmap(memory, SIGNAL_STACK_LEN);
        return false;
    }
    return true;
}

static bool prepare_thread(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_fault_handler);
    if (stack_low != 0) { return true; }
    pthread_attr_t attributes;
    void *low;
    size_t len;
    if (!give_signal_stack() || pthread_getattr_np(pthread_self(), &attributes) != 0) { return false; }
    bool known = pthread_attr_getstack(&attributes, &low, &len) == 0;
    pthread_attr_destroy(&attributes);
    if (known) { stack_low = (uintptr_t)low; }
    return known;
}

/* Deadlines */

static void on_deadline(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    /* A signal may come late, when its run is over: only the run that it was meant for is ended. */
    if (current == NULL || info->si_code != SI_TIMER || info->si_value.sival_int != current->deadline) { return; }
    if (in_allocator) {
        cut_off_in_allocator = 1;
    } else {
        guest_end_run(GUEST_CUT_OFF);
    }
}

static void install_deadline_handler(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};
    action.sa_sigaction = on_deadline;
    sigemptyset(&action.sa_mask);
    sigaction(SIGRTMIN + 3, &action, NULL);
}

static bool start_deadline(timer_t *timer, int id) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_deadline_handler);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 3};
    event.sigev_value.sival_int = id;
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    return timer_create(CLOCK_MONOTONIC, &event, timer) == 0;
}

static void arm(timer_t timer, unsigned deadline_ms) {
    struct itimerspec after = {.it_value = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000L}};
    timer_settime(timer, 0, &after, NULL);
}

static void enter_allocator(void) { in_allocator = 1; }

static void leave_allocator(void) {
    in_allocator = 0;
    if (cut_off_in_allocator) {
        cut_off_in_allocator = 0;
        guest_end_run(GUEST_CUT_OFF);
    }
}

/* Linear memory: all that it may ever have is reserved at once, and becomes accessible page by page. */

void guest_set_memory_limit(uint32_t max_pages) { memory_limit = max_pages; }

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t initial_pages, uint32_t max_pages) {
    *memory = (wasm_rt_memory_t){.max_pages = max_pages < memory_limit ? max_pages : memory_limit};
    if (initial_pages > MAX_PAGES) { guest_end_run(GUEST_NO_MEMORY); }
    void *data = mmap(NULL, RESERVED_LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) { guest_end_run(GUEST_NO_MEMORY); }
    memory->data = data;
    if (initial_pages > 0 && mprotect(data, initial_pages * PAGE_LEN, PROT_READ | PROT_WRITE) != 0) {
        guest_end_run(GUEST_NO_MEMORY);
    }
    memory->pages = initial_pages;
    memory->size = (uint32_t)(initial_pages * PAGE_LEN);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t delta) {
    uint32_t old_pages = memory->pages;
    uint64_t pages = (uint64_t)old_pages + delta;
    if (delta == 0) { return old_pages; }
    if (pages > memory->max_pages || pages > MAX_PAGES ||
        mprotect(memory->data + old_pages * PAGE_LEN, delta * PAGE_LEN, PROT_READ | PROT_WRITE) != 0) {
        return UINT32_MAX;
    }
    memory->pages = (uint32_t)pages;
    memory->size = (uint32_t)(pages * PAGE_LEN);
    return old_pages;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
    if (memory->data != NULL) { munmap(memory->data, RESERVED_LEN); }
    *memory = (wasm_rt_memory_t){.data = NULL};
}

/* Tables */

/* As realloc, for `len` elements, none of them included. NULL where they are too many. */
static void *resize_table(void *data, uint64_t len, size_t element_len) {
    return len > MAX_TABLE_LEN ? NULL : realloc(data, (len == 0 ? 1 : len) * element_len);
}

#define DEFINE_TABLE(kind)                                                                                             \
    void wasm_rt_allocate_##kind##_table(wasm_rt_##kind##_table_t *table, uint32_t elements, uint32_t max_elements) {  \
        *table = (wasm_rt_##kind##_table_t){.max_size = max_elements};                                                 \
        enter_allocator();                                                                                             \
        table->data = resize_table(NULL, elements, sizeof *table->data);                                               \
        leave_allocator();                                                                                             \
        if (table->data == NULL) { guest_end_run(GUEST_NO_MEMORY); }                                                   \
        memset(table->data, 0, elements * sizeof *table->data);                                                        \
        table->size = elements;                                                                                        \
    }                                                                                                                  \
                                                                                                                       \
    uint32_t wasm_rt_grow_##kind##_table(wasm_rt_##kind##_table_t *table, uint32_t delta, wasm_rt_##kind##_t init) {   \
        uint32_t old_size = table->size;                                                                               \
        uint64_t size = (uint64_t)old_size + delta;                                                                    \
        if (size > table->max_size) { return UINT32_MAX; }                                                             \
        enter_allocator();                                                                                             \
        wasm_rt_##kind##_t *data = resize_table(table->data, size, sizeof *data);                                      \
        if (data != NULL) { table->data = data; }                                                                      \
        leave_allocator();                                                                                             \
        if (data == NULL) { return UINT32_MAX; }                                                                       \
        for (uint64_t at = old_size; at < size; at++) { data[at] = init; }                                             \
        table->size = (uint32_t)size;                                                                                  \
        return old_size;                                                                                               \
    }                                                                                                                  \
                                                                                                                       \
    void wasm_rt_free_##kind##_table(wasm_rt_##kind##_table_t *table) {                                                \
        free(table->data);                                                                                             \
        *table = (wasm_rt_##kind##_table_t){.data = NULL};                                                             \
    }

DEFINE_TABLE(funcref)
DEFINE_TABLE(externref)

/* Function types: two of the same shape get one number, in whatever module they are. */

struct func_type {
    struct func_type *next;
    uint32_t id, param_count, count;
    wasm_rt_type_t types[];
};

static struct func_type *func_types;
static pthread_mutex_t func_types_lock = PTHREAD_MUTEX_INITIALIZER;

uint32_t wasm_rt_register_func_type(uint32_t param_count, uint32_t result_count, ...) {
    uint32_t count = param_count + result_count;
    size_t len = count * sizeof(wasm_rt_type_t);
    struct func_type *wanted = malloc(sizeof *wanted + len);
    if (wanted == NULL) {
        perror("guest.c: function types");
        abort();
    }
    wanted->param_count = param_count;
    wanted->count = count;
    va_list types;
    va_start(types, result_count);
    for (uint32_t at = 0; at < count; at++) { wanted->types[at] = va_arg(types, wasm_rt_type_t); }
    va_end(types);

    pthread_mutex_lock(&func_types_lock);
    struct func_type *known = func_types;
    while (known != NULL && (known->param_count != param_count || known->count != count ||
                             memcmp(known->types, wanted->types, len) != 0)) {
        known = known->next;
    }
    if (known != NULL) {
        free(wanted);
    } else {
        wanted->id = func_types == NULL ? 1 : func_types->id + 1;
        wanted->next = func_types;
        func_types = known = wanted;
    }
    uint32_t id = known->id;
    pthread_mutex_unlock(&func_types_lock);
    return id;
}

/* What modules look for at the start. The first run of a thread prepares what it needs. */

void wasm_rt_init(void) {}

bool wasm_rt_is_initialized(void) { return true; }

void wasm_rt_free(void) {}
