/* The functions of signer.h, of whatever signs: adapters and tests have several. */
#ifndef SIGNER_FUNCTIONS_H
#define SIGNER_FUNCTIONS_H

#include "signer.h"

struct library_signer {
    enum signer_code (*open)(struct signer **, const void *, size_t);
    enum signer_code (*open_private_key)(struct signer **, const struct private_key *);
    enum signer_code (*close)(struct signer **);
    enum signer_code (*public_key)(const struct signer *, unsigned char *);
    enum signer_code (*sign)(struct signer *, const void *, size_t, unsigned char *);
    enum signer_code (*sign_token)(struct signer *, const char *, enum signer_algorithm, const char *, char **);
    enum signer_code (*sign_many)(struct signer *, const struct signer_bytes *, size_t,
                                  unsigned char (*)[SIGNER_SIGNATURE_LEN]);
    enum signer_code (*sign_with)(struct signer *, const void *, size_t, const void *, size_t, unsigned char *);
    enum signer_code (*verify)(struct signer *, const void *, size_t, const void *, size_t, const void *, size_t);
    enum signer_code (*verify_strict)(struct signer *, const void *, size_t, const void *, size_t, const void *,
                                      size_t);
    enum signer_code (*derive_public_key)(struct signer *, const void *, size_t, unsigned char *);
    enum signer_code (*load_key)(struct signer *, const void *, size_t);
    enum signer_code (*wipe)(struct signer *);
    const char *(*trap_text)(void);
    enum signer_code (*set_batch_modules)(struct signer *, const struct signer_batch_module *, size_t);
    int (*batch_module)(const struct signer *);
};

#endif
