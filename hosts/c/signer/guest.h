/*
 * The runtime of modules that wasm2c made C of: how their code is run, and what becomes of a trap.
 *
 * guest.c implements wabt's wasm-rt.h, for 64-bit Linux, and takes the place of wabt's own wasm-rt-impl.c. README.md
 * says why. Linear memory never moves: a pointer to memory->data stays good while memory grows, until it is freed.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wasm-rt.h"

/** Why a run ended early, where it was none of the traps of wasm-rt.h. */
enum guest_end {
    /** The deadline of guest_run_for passed. */
    GUEST_CUT_OFF = 100,
    /** The system has no memory for a linear memory, a table, or the run itself. */
    GUEST_NO_MEMORY,
    /** The host found that the guest breaks its own rules. */
    GUEST_BROKEN,
    /** A function of the host failed, which the guest called. */
    GUEST_HOST_FAILED,
};

/**
 * Runs work(argument), in which code of a guest may be called: nowhere else may it be.
 *
 * Returns 0 when work came to its end. Otherwise the guest was left where it stood: a wasm_rt_trap_t or a guest_end.
 * Then its instance is half way through something: do not trust it. What work holds when a guest traps (memory, locks)
 * is not given back: let it hold nothing. Runs may be nested, and several threads may run guests, each its own.
 */
int guest_run(void (*work)(void *argument), void *argument);

/**
 * The same, but ends with GUEST_CUT_OFF where work takes longer than deadline_ms milliseconds.
 *
 * A signal cuts it off (SIGRTMIN + 3), at any point: let work only call the guest.
 */
int guest_run_for(unsigned deadline_ms, void (*work)(void *argument), void *argument);

/** What guest_run or guest_run_for returned, in English. Never NULL. */
const char *guest_end_text(int end);

/** Ends the innermost run of this thread, as a trap does. For the host's own code in it. */
_Noreturn void guest_end_run(int end);

/**
 * Ends that run as a stack overflow unless `len` bytes of stack are left. For a function of the host that guests call:
 * let it do so first, because an overflow further on would leave it in the middle, or the allocator.
 */
void guest_need_stack(size_t len);

/**
 * Linear memories that this thread makes from now on do not grow beyond max_pages pages of 64 KiB, whatever the module
 * declares: memory.grow answers -1. UINT32_MAX, as at the start, is no limit.
 */
void guest_set_memory_limit(uint32_t max_pages);

/** Whether len bytes at ptr lie in linear memory, all of them. */
static inline bool guest_in_bounds(const wasm_rt_memory_t *memory, uint32_t ptr, uint64_t len) {
    return len <= memory->size && ptr <= memory->size - len;
}

/** Copy to linear memory, and from there, inside a run, which ends as a trap does if the bytes are out of bounds. */
void guest_copy_in(wasm_rt_memory_t *memory, uint32_t ptr, const void *bytes, size_t len);
void guest_copy_out(const wasm_rt_memory_t *memory, uint32_t ptr, void *bytes, size_t len);

/**
 * Clears the part of this thread's stack that calls have used lately, 64 KiB of it: wasm2c makes local variables of C
 * out of those of the guest, and they stay there.
 */
void guest_clear_stack(void);

#endif
