#include <string.h>

#include "component_calls.h"
#include "component_signer.h"
#include "files.h"
#include "program.h"
#include "raw.h"
#include "signing.h"
#include "wire.h"

enum kind { OF_SIGNER, OF_COMPONENT, OF_VIEW, OF_PROGRAM, OF_MODULE };

static const struct {
    const char *name;
    enum kind kind;
} OPERATIONS[] = {
    {"public_key", OF_SIGNER},   {"sign", OF_SIGNER},          {"sign_many", OF_SIGNER},
    {"verify", OF_SIGNER},       {"verify_strict", OF_SIGNER}, {"session", OF_SIGNER},
    {"component", OF_COMPONENT}, {"raw", OF_MODULE},           {"raw_memory_limit", OF_MODULE},
    {"raw_deadline", OF_MODULE}, {"raw_module", OF_MODULE},    {"raw_imports", OF_MODULE},
    {"kept_view", OF_VIEW},      {"wasi", OF_PROGRAM},
};

enum { OPERATION_COUNT = sizeof OPERATIONS / sizeof *OPERATIONS };

static bool does(const struct library *library, enum kind kind) {
    switch (kind) {
    case OF_SIGNER: return library->component != NULL && component_is_signer(library);
    case OF_COMPONENT: return library->component != NULL && library->types != NULL;
    case OF_VIEW: return library->module != NULL && library->has_view;
    default: return library->module != NULL;
    }
}

json_t *operations_of(const struct library *library) {
    json_t *names = json_array();
    for (size_t at = 0; at < OPERATION_COUNT; at++) {
        if (does(library, OPERATIONS[at].kind)) { json_array_append_new(names, json_string(OPERATIONS[at].name)); }
    }
    return names;
}

struct operation {
    const struct library *library;
    const char *op;
    const json_t *in;
    json_t *answer;
};

static void do_operation(void *operation_) {
    struct operation *operation = operation_;
    const struct library *library = operation->library;
    const char *op = operation->op;
    const json_t *in = operation->in;
    size_t at = 0;
    while (at < OPERATION_COUNT && strcmp(OPERATIONS[at].name, op) != 0) { at++; }
    if (at == OPERATION_COUNT || !does(library, OPERATIONS[at].kind)) {
        fail_with("%.500s is not an operation of this module", op);
    }
    enum kind kind = OPERATIONS[at].kind;
    operation->answer = kind == OF_SIGNER      ? signing(component_signer(library), op, in)
                        : kind == OF_COMPONENT ? component_calls(library, in)
                        : kind == OF_PROGRAM   ? program(library, in)
                                               : raw(library, op, in);
}

json_t *operate(const struct library *library, const char *op, const json_t *in) {
    struct operation operation = {library, op, in, NULL};
    const char *why = attempt(do_operation, &operation);
    signing_end();
    component_calls_end();
    raw_end();
    program_end();
    return why == NULL ? operation.answer : unsupported(why);
}
