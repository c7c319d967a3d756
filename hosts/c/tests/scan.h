/* Looks for secrets in what this process has in its memory. */
#ifndef SCAN_H
#define SCAN_H

#include <stddef.h>

#include "signer.h"

enum { SCAN_MESSAGE_COUNT = 3 };

/** The messages whose nonces scan_add_keypair makes secrets of. */
extern const struct signer_bytes SCAN_MESSAGES[SCAN_MESSAGE_COUNT];

/** Adds a secret of at most 64 bytes. Its copy is kept outside heap and stack. */
void scan_add(const char *name, const unsigned char *bytes, size_t len);

/** Forgets the secrets that were added. */
void scan_forget(void);

/** Adds the seed of KEYPAIR, and all that RFC 8032, section 5.1.6, makes of it that must stay secret. */
void scan_add_keypair(void);

/** The name of a secret that has eight bytes in a row here, or NULL. */
const char *scan_bytes(const unsigned char *bytes, size_t len);

struct findings {
    /** How many linear memories there are. */
    size_t memories;
    /** The name of a secret in one of them, and in the heap, or NULL. */
    const char *in_memory, *in_heap;
};

/** Looks through every linear memory, and the heap. */
struct findings scan_process(void);

#endif
