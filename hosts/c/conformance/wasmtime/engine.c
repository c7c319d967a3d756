#define _GNU_SOURCE

#include "engine.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "files.h"

/* A text for people: the names of a module's functions, which are in it, may be long. */
enum { MAX_TEXT_LEN = 2000 };

wasm_engine_t *engine(void) {
    static wasm_engine_t *made;
    if (made == NULL) {
        wasm_config_t *config = wasm_config_new();
        wasmtime_config_epoch_interruption_set(config, true);
        /* Each memory has 4 GiB of addresses: a pointer into it stays good while it grows. */
        wasmtime_config_memory_may_move_set(config, false);
        made = wasm_engine_new_with_config(config);
        if (made == NULL) { fail_with("wasmtime can't make an engine"); }
    }
    return made;
}

wasmtime_store_t *engine_store(void) {
    wasmtime_store_t *store = wasmtime_store_new(engine(), NULL, NULL);
    wasmtime_context_set_epoch_deadline(wasmtime_store_context(store), UINT32_MAX);
    return store;
}

/* Wasmtime's text, which is UTF-8, cut between two characters; deletes it. */
static const char *text_of(const char *before, wasm_name_t *message) {
    size_t len = message->size;
    while (len > 0 && message->data[len - 1] == 0) { len--; }
    if (len > MAX_TEXT_LEN) {
        len = MAX_TEXT_LEN;
        while (len > 0 && (message->data[len] & 0xc0) == 0x80) { len--; }
    }
    const char *text = format("%s%.*s", before, (int)len, message->data == NULL ? "" : message->data);
    wasm_name_delete(message);
    return text;
}

const char *error_text(wasmtime_error_t *error) {
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    wasmtime_error_delete(error);
    return text_of("", &message);
}

struct end end_of(wasmtime_error_t *error, wasm_trap_t *trap) {
    int exit_code;
    if (trap != NULL) {
        wasmtime_trap_code_t code = 0;
        wasm_name_t message;
        bool has_code = wasmtime_trap_code(trap, &code);
        wasm_trap_message(trap, &message);
        wasm_trap_delete(trap);
        return (struct end){
            .kind = has_code && code == WASMTIME_TRAP_CODE_INTERRUPT ? END_CUT_OFF : END_TRAPPED,
            /* Wasmtime says "call stack exhausted". */
            .text = text_of(has_code && code == WASMTIME_TRAP_CODE_STACK_OVERFLOW ? "stack overflow: " : "", &message),
        };
    }
    if (error == NULL) { return (struct end){.kind = END_RETURNED, .text = ""}; }
    bool is_exit = wasmtime_error_exit_status(error, &exit_code);
    return (struct end){.kind = is_exit ? END_EXITED : END_TRAPPED,
                        .text = error_text(error),
                        .exit_code = is_exit ? (uint32_t)exit_code : 0};
}

static pthread_t watch;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static bool is_stopped;
static struct timespec end_time;

static void *wait_for_it(void *nothing) {
    int waited = 0;
    pthread_mutex_lock(&lock);
    while (!is_stopped && waited != ETIMEDOUT) { waited = pthread_cond_timedwait(&changed, &lock, &end_time); }
    if (!is_stopped) { wasmtime_engine_increment_epoch(engine()); }
    pthread_mutex_unlock(&lock);
    return nothing;
}

void deadline_start(unsigned milliseconds) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    clock_gettime(CLOCK_MONOTONIC, &end_time);
    end_time.tv_sec += milliseconds / 1000;
    end_time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (end_time.tv_nsec >= 1000000000) {
        end_time.tv_sec++;
        end_time.tv_nsec -= 1000000000;
    }
    is_stopped = false;
    if (pthread_create(&watch, NULL, wait_for_it, NULL) != 0) { fail_with("the system has no thread for a deadline"); }
}

void deadline_stop(void) {
    pthread_mutex_lock(&lock);
    is_stopped = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(watch, NULL);
    pthread_cond_destroy(&changed);
}
