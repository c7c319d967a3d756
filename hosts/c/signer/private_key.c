#define _DEFAULT_SOURCE

#include "private_key.h"

#include <string.h>
#include <unistd.h>

bool private_key_generate(struct private_key *key) {
    *key = (struct private_key){.has_public_key = false};
    return getentropy(key->seed, sizeof key->seed) == 0;
}

void private_key_clear(struct private_key *key) { explicit_bzero(key, sizeof *key); }
