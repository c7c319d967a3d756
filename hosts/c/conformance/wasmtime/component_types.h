/* Types of a component, as hello has them: hosts/COMPONENTS.md. */
#ifndef COMPONENT_TYPES_H
#define COMPONENT_TYPES_H

#include <jansson.h>
#include <stdbool.h>

/** What a type is, by its name: "u8", or the one name of {"list": …}; *of is what that has. */
const char *type_kind(const json_t *type, const json_t **of);

/** The names of the simple types, which have no others in them, in the order of wasmtime_component_valkind_t. */
enum { SIMPLE_COUNT = 13 };
extern const char *const SIMPLE[SIMPLE_COUNT];

/** Which of them that is, or SIMPLE_COUNT. */
unsigned type_simple(const char *kind);

/** Whether the elements of a list are bytes. */
bool type_is_u8(const json_t *type);

/** Whether a variant, an option or a result has a case of that name; its payload's type, or NULL. */
bool type_case(const char *kind, const json_t *of, const char *name, const json_t **payload);

#endif
