/* One call at a time: how a signer, a verifier, an adder and keys begin every call, and end it. */
#ifndef OWNER_H
#define OWNER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "codes.h"

struct owner {
    /** Set while a call is in progress. */
    atomic_flag in_use;
    /** Whether there is an instance to be called. */
    bool is_open;
};

/** Takes it for one call: OK, and then owner_leave is due; or CLOSED, or IN_USE. */
static inline enum signer_code owner_enter(struct owner *owner) {
    if (atomic_flag_test_and_set_explicit(&owner->in_use, memory_order_acquire)) { return SIGNER_IN_USE; }
    if (owner->is_open) { return SIGNER_OK; }
    atomic_flag_clear_explicit(&owner->in_use, memory_order_release);
    return SIGNER_CLOSED;
}

static inline void owner_leave(struct owner *owner) {
    atomic_flag_clear_explicit(&owner->in_use, memory_order_release);
}

#endif
