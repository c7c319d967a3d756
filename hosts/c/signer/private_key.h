/* An Ed25519 private key, before a signer holds it. */
#ifndef PRIVATE_KEY_H
#define PRIVATE_KEY_H

#include <stdbool.h>

/** The secret seed, and its public key if that is known. It is yours to clear. */
struct private_key {
    unsigned char seed[32];
    bool has_public_key;
    unsigned char public_key[32];
};

/** A new key, from the system's randomness. Its public key is not known yet. False, with errno, if there is none. */
bool private_key_generate(struct private_key *key);

/** Clears the secret. */
void private_key_clear(struct private_key *key);

#endif
