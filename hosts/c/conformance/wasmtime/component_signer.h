/* The signer as a component, with the functions of signer.h: what signer/signer.c is for modules. See hosts/ABI.md. */
#ifndef COMPONENT_SIGNER_H
#define COMPONENT_SIGNER_H

#include "library.h"
#include "signer_functions.h"

/** Whether hello says that it exports what a signer has; without types it may. */
bool component_is_signer(const struct library *library);

/** The functions for that component: `open` makes signers of it until the next call of this. */
const struct library_signer *component_signer(const struct library *library);

#endif
