#include "canonical.h"

#include <string.h>

#include "abi.h"
#include "compiler.h"
#include "files.h"
#include "guest.h"
#include "wire.h"

#define ED25519 "everyhost:signer/ed25519@0.1.0#"

enum { MAX_LISTS = 3, PAIR_LEN = 8 };

/* The errors of the WIT's enum, in its order. */
static const enum signer_code ERRORS[] = {SIGNER_NO_KEY,        SIGNER_KEY_PAIR_MISMATCH, SIGNER_MESSAGE_TOO_LARGE,
                                          SIGNER_OUT_OF_MEMORY, SIGNER_KEY_LENGTH,        SIGNER_PUBLIC_KEY_LENGTH};

static const struct operation {
    const char *op, *export;
    /* The letters of its parameters: two for each field, which is a list. */
    const char *params;
    const char *fields[MAX_LISTS];
    /* What the answer calls the bytes that come, and how many those are; 0 if it is a bool. */
    const char *name;
    size_t len;
} OPERATIONS[] = {
    {"public_key", ED25519 "derive-public-key", "ii", {"seed"}, "public_key", SIGNER_PUBLIC_KEY_LEN},
    {"sign", ED25519 "sign", "iiii", {"keypair", "message"}, "signature", SIGNER_SIGNATURE_LEN},
    {"sign_many", ED25519 "sign-many", "iiii", {"keypair", "messages"}, "signatures", SIGNER_SIGNATURE_LEN},
    {"verify", ED25519 "verify", "iiiiii", {"public_key", "message", "signature"}, "valid", 0},
    {"verify_strict", ED25519 "verify-strict", "iiiiii", {"public_key", "message", "signature"}, "valid", 0},
};

/* A list<u8>, or one of such lists. */
struct list {
    struct signer_bytes *all;
    size_t count;
    bool is_nested;
};

/* One call. It holds all that it needs before the guest runs, because a trap leaves it where it stands. */
struct call {
    const struct library *library;
    void *instance;
    const struct operation *operation;
    /* What takes the result back, or NULL. */
    const struct module_function *post;
    struct list lists[MAX_LISTS];
    size_t list_count;
    /* What comes: an error, or so many outputs one after the other, or a bool. */
    enum signer_code code;
    unsigned char *output;
    size_t output_count;
    bool valid;
};

static const struct operation *find(const char *op) {
    for (size_t at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
        if (strcmp(OPERATIONS[at].op, op) == 0) { return &OPERATIONS[at]; }
    }
    return NULL;
}

static const struct module_function *export_of(const struct library *library, const char *name, const char *params,
                                               const char *results) {
    return abi_find(library->module, &(struct abi_function){name, params, results, true});
}

bool canonical_does(const struct library *library, const char *op) {
    const struct operation *operation = find(op);
    return operation != NULL && library->memory != NULL && library->module->import_count == 0 &&
           export_of(library, "cabi_realloc", "iiii", "i") != NULL &&
           export_of(library, operation->export, operation->params, "i") != NULL;
}

static uint32_t call_export(const struct call *call, const struct module_function *function,
                            const union library_value *params) {
    union library_value result = {.i32 = 0};
    function->call(call->instance, params, &result);
    return result.i32;
}

/* Bytes of linear memory, where the guest says that they are. */
static unsigned char *at(const struct call *call, uint32_t ptr, size_t len) {
    wasm_rt_memory_t *memory = call->library->memory(call->instance);
    if (!guest_in_bounds(memory, ptr, len)) { guest_end_run(GUEST_BROKEN); }
    return memory->data + ptr;
}

static uint32_t number_at(const struct call *call, uint32_t ptr) {
    uint32_t number;
    memcpy(&number, at(call, ptr, sizeof number), sizeof number);
    return number;
}

/* Memory for an argument, which the callee frees. */
static uint32_t allocate_in(const struct call *call, uint32_t align, size_t len) {
    union library_value params[4] = {{.i32 = 0}, {.i32 = 0}, {.i32 = align}, {.i32 = (uint32_t)len}};
    return call_export(call, library_function(call->library, "cabi_realloc"), params);
}

static uint32_t pass_bytes(const struct call *call, struct signer_bytes bytes) {
    uint32_t ptr = allocate_in(call, 1, bytes.len);
    unsigned char *to = at(call, ptr, bytes.len);
    if (bytes.len > 0) { memcpy(to, bytes.bytes, bytes.len); }
    return ptr;
}

/* A list becomes two parameters, its address and its length; within a list, those in memory. */
static void pass_list(const struct call *call, const struct list *list, union library_value *params) {
    if (!list->is_nested) {
        params[0].i32 = pass_bytes(call, list->all[0]);
        params[1].i32 = (uint32_t)list->all[0].len;
        return;
    }
    params[0].i32 = allocate_in(call, 4, PAIR_LEN * list->count);
    params[1].i32 = (uint32_t)list->count;
    for (size_t place = 0; place < list->count; place++) {
        uint32_t pair[2] = {pass_bytes(call, list->all[place]), (uint32_t)list->all[place].len};
        memcpy(at(call, params[0].i32 + PAIR_LEN * (uint32_t)place, sizeof pair), pair, sizeof pair);
    }
}

/* Takes the bytes whose address and length are at `ptr`. */
static void take_bytes(const struct call *call, uint32_t ptr, unsigned char *to) {
    size_t len = call->operation->len;
    if (number_at(call, ptr + 4) != len) { guest_end_run(GUEST_BROKEN); }
    memcpy(to, at(call, number_at(call, ptr), len), len);
}

/* What is ok. The callee takes it back afterwards. */
static void take_output(struct call *call, uint32_t ptr) {
    if (call->operation->len == 0) {
        call->valid = *at(call, ptr, 1) != 0;
        return;
    }
    bool is_nested = call->lists[call->list_count - 1].is_nested;
    uint32_t from = is_nested ? number_at(call, ptr) : ptr;
    if (is_nested && number_at(call, ptr + 4) != call->output_count) { guest_end_run(GUEST_BROKEN); }
    for (size_t place = 0; place < call->output_count; place++) {
        take_bytes(call, from + PAIR_LEN * (uint32_t)place, call->output + place * call->operation->len);
    }
}

static void do_call(void *call_) {
    struct call *call = call_;
    const struct operation *operation = call->operation;
    union library_value params[2 * MAX_LISTS];
    call->library->instantiate(call->instance);
    for (size_t place = 0; place < call->list_count; place++) {
        pass_list(call, &call->lists[place], &params[2 * place]);
    }
    union library_value result = {.i32 = call_export(call, library_function(call->library, operation->export), params)};
    /* A list is aligned to four bytes; a bool follows at once, and the number of an error beside it. */
    uint32_t payload = result.i32 + (operation->len == 0 ? 1 : 4);
    if (*at(call, result.i32, 1) == 0) {
        take_output(call, payload);
    } else {
        size_t number = *at(call, payload, 1);
        if (number >= sizeof ERRORS / sizeof *ERRORS) { guest_end_run(GUEST_BROKEN); }
        call->code = ERRORS[number];
    }
    if (call->post != NULL) { call_export(call, call->post, &result); }
}

static struct list list_from(const json_t *in, const char *field) {
    const json_t *written = json_object_get(in, field);
    struct list list = {.count = 1, .is_nested = strcmp(field, "messages") == 0};
    if (list.is_nested && !json_is_array(written)) { fail_with("%s is an array", field); }
    if (list.is_nested) { list.count = json_array_size(written); }
    list.all = allocate(list.count, sizeof *list.all);
    for (size_t place = 0; place < list.count; place++) {
        list.all[place] = bytes_from(list.is_nested ? json_array_get(written, place) : written);
    }
    return list;
}

static json_t *answer_of(const struct call *call) {
    const struct operation *operation = call->operation;
    if (call->code != SIGNER_OK) { return refused(signer_code_name(call->code), NULL); }
    if (operation->len == 0) { return ok(json_pack("{s:b}", operation->name, call->valid)); }
    json_t *made = json_array();
    for (size_t place = 0; place < call->output_count; place++) {
        json_array_append_new(made, hex_of(call->output + place * operation->len, operation->len));
    }
    bool is_nested = call->lists[call->list_count - 1].is_nested;
    return ok(json_pack("{s:O}", operation->name, is_nested ? made : json_array_get(made, 0)));
}

json_t *canonical(const struct library *library, const char *op, const json_t *in) {
    struct call call = {.library = library, .operation = find(op)};
    for (; call.list_count < MAX_LISTS && call.operation->fields[call.list_count] != NULL; call.list_count++) {
        call.lists[call.list_count] = list_from(in, call.operation->fields[call.list_count]);
    }
    call.post = export_of(library, format("cabi_post_%s", call.operation->export), "i", "");
    call.output_count = call.lists[call.list_count - 1].count;
    call.output = allocate(call.output_count, call.operation->len);
    call.instance = allocate(1, library->instance_size);
    int end = guest_run(do_call, &call);
    library->free(call.instance);
    return end == 0 ? answer_of(&call) : trap(guest_end_text(end));
}
