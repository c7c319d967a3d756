/* Signs with the signer as a component, over libwasmtime's C API. host SIGNER.wasm */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasmtime.h>

typedef wasmtime_component_val_t value;
enum { NOTHING = 255 }; /* no kind of value */

struct host {
    wasm_engine_t *engine;
    wasmtime_store_t *store;
    wasmtime_context_t *context; /* the store's */
    wasmtime_component_t *component;
    wasmtime_component_instance_t instance;
};

#define FAIL(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

/* Prints the last line of an error's message, which is the cause, and deletes the error. */
static void report(FILE *to, const char *what, wasmtime_error_t *error) {
    wasm_name_t message;
    wasmtime_error_message(error, &message); /* has a length, and no NUL at its end */
    size_t end = message.size;
    while (end > 0 && isspace((unsigned char)message.data[end - 1])) { end--; }
    size_t begin = end;
    while (begin > 0 && message.data[begin - 1] != '\n') { begin--; }
    while (begin < end && message.data[begin] == ' ') { begin++; }
    fprintf(to, "%s: %.*s\n", what, (int)(end - begin), message.data + begin);
    wasm_name_delete(&message);
    wasmtime_error_delete(error);
}

static void check(const char *what, wasmtime_error_t *error) {
    if (error) {
        report(stderr, what, error);
        exit(1);
    }
}

static void open_component(struct host *host, const char *file) {
    static unsigned char wasm[1 << 20];
    FILE *from = fopen(file, "rb");
    size_t len = from ? fread(wasm, 1, sizeof wasm, from) : 0;
    if (!from || ferror(from) || len == sizeof wasm) { FAIL("%s can't be read, or has 1 MiB or more", file); }
    fclose(from);

    host->engine = wasm_engine_new();
    host->store = wasmtime_store_new(host->engine, NULL, NULL);
    host->context = wasmtime_store_context(host->store);
    check("compile", wasmtime_component_new(host->engine, wasm, len, &host->component));
    wasmtime_component_linker_t *linker = wasmtime_component_linker_new(host->engine);
    check("instantiate",
          wasmtime_component_linker_instantiate(linker, host->context, host->component, &host->instance));
    wasmtime_component_linker_delete(linker);
}

/* Calls a function of an interface, and deletes the lists passed to it. NULL means that it returned. */
static wasmtime_error_t *try_call(struct host *host, const char *interface, const char *name, size_t arg_count,
                                  value *args, value *result) {
    char path[64];
    snprintf(path, sizeof path, "everyhost:signer/%s@0.1.0", interface);
    wasmtime_component_export_index_t *in =
        wasmtime_component_get_export_index(host->component, NULL, path, strlen(path));
    wasmtime_component_export_index_t *at =
        in ? wasmtime_component_get_export_index(host->component, in, name, strlen(name)) : NULL;
    wasmtime_component_func_t func;
    if (!at || !wasmtime_component_instance_get_func(&host->instance, host->context, at, &func)) {
        FAIL("%s has no function %s", path, name);
    }
    wasmtime_component_export_index_delete(at);
    wasmtime_component_export_index_delete(in);

    *result = (value){.kind = WASMTIME_COMPONENT_BOOL}; /* anything, if it is initialized */
    wasmtime_error_t *error = wasmtime_component_func_call(&func, host->context, args, arg_count, result, 1);
    for (size_t n = 0; n < arg_count; n++) {
        if (args[n].kind != WASMTIME_COMPONENT_RESOURCE) { wasmtime_component_val_delete(&args[n]); }
    }
    return error;
}

static value call(struct host *host, const char *interface, const char *name, size_t arg_count, value *args) {
    value result;
    check(name, try_call(host, interface, name, arg_count, args, &result));
    return result;
}

/* ANCHOR: values */
static value bytes(const void *from, size_t len) {
    value list = {.kind = WASMTIME_COMPONENT_LIST};
    wasmtime_component_vallist_new_uninit(&list.of.list, len);
    for (size_t n = 0; n < len; n++) { /* each byte is a value, of 32 bytes */
        list.of.list.data[n] = (value){.kind = WASMTIME_COMPONENT_U8, .of.u8 = ((const unsigned char *)from)[n]};
    }
    return list;
}

/* What a result holds. If it is an err where ok is expected, or the other way round, the program ends. */
static const value *payload(const value *result, bool ok, wasmtime_component_valkind_t kind) {
    if (result->kind != WASMTIME_COMPONENT_RESULT) { FAIL("expected a result, not kind %d", result->kind); }
    const value *held = result->of.result.val; /* NULL for nothing */
    if (result->of.result.is_ok == ok && (held ? held->kind : NOTHING) == kind) { return held; }
    if (result->of.result.is_ok || !held || held->kind != WASMTIME_COMPONENT_ENUM) { FAIL("an unexpected result"); }
    FAIL("refused: %.*s", (int)held->of.enumeration.size, held->of.enumeration.data);
}

static void take_bytes(value result, unsigned char *to, size_t len) {
    const wasmtime_component_vallist_t *list = &payload(&result, true, WASMTIME_COMPONENT_LIST)->of.list;
    if (list->size != len) { FAIL("expected %zu bytes, not %zu", len, list->size); }
    for (size_t n = 0; n < len; n++) { to[n] = list->data[n].of.u8; }
    wasmtime_component_val_delete(&result);
}
/* ANCHOR_END: values */

/* ANCHOR: sign */
static value new_signer(struct host *host) {
    value signer = call(host, "held-key", "[constructor]signer", 0, NULL);
    if (signer.kind != WASMTIME_COMPONENT_RESOURCE) { FAIL("expected a resource, not kind %d", signer.kind); }
    return signer;
}

static void sign(struct host *host) {
    unsigned char keypair[64], signature[64];
    memset(keypair, 7, 32);
    take_bytes(call(host, "ed25519", "derive-public-key", 1, (value[]){bytes(keypair, 32)}), keypair + 32, 32);

    value signer = new_signer(host);
    value loaded = call(host, "held-key", "[method]signer.load-key", 2, (value[]){signer, bytes(keypair, 64)});
    payload(&loaded, true, NOTHING);
    take_bytes(call(host, "held-key", "[method]signer.sign", 2, (value[]){signer, bytes("hello", 5)}), signature, 64);
    printf("signature: ");
    for (size_t n = 0; n < 64; n++) { printf("%02x", signature[n]); }

    value verified =
        call(host, "ed25519", "verify", 3, (value[]){bytes(keypair + 32, 32), bytes("hello", 5), bytes(signature, 64)});
    printf("\nverified: %s\n", payload(&verified, true, WASMTIME_COMPONENT_BOOL)->of.boolean ? "yes" : "no");
    wasmtime_component_val_delete(&verified);

    keypair[63] ^= 1;
    value refused = call(host, "held-key", "[method]signer.load-key", 2, (value[]){signer, bytes(keypair, 64)});
    const wasm_name_t *error = &payload(&refused, false, WASMTIME_COMPONENT_ENUM)->of.enumeration;
    printf("refused: %.*s\n", (int)error->size, error->data);
    wasmtime_component_val_delete(&refused);

    check("drop", wasmtime_component_resource_any_drop(host->context, signer.of.resource)); /* clears the key */
    wasmtime_component_resource_any_delete(signer.of.resource);

    value none, other = new_signer(host);
    wasmtime_error_t *trap = try_call(host, "held-key", "[method]signer.sign-with", 3,
                                      (value[]){other, bytes(keypair, 64), bytes("hello", 5)}, &none);
    if (!trap) { FAIL("signed with half of another key"); }
    report(stdout, "trapped", trap);
    trap = try_call(host, "held-key", "[method]signer.public-key", 1, (value[]){other}, &none);
    if (!trap) { FAIL("entered after a trap"); }
    report(stdout, "after a trap", trap);
    wasmtime_component_resource_any_delete(other.of.resource); /* after a trap it can't be dropped */
}
/* ANCHOR_END: sign */

int main(int argc, char **argv) {
    if (argc != 2) { FAIL("usage: host SIGNER.wasm"); }
    struct host host;
    open_component(&host, argv[1]);
    sign(&host);
    wasmtime_component_delete(host.component);
    wasmtime_store_delete(host.store);
    wasm_engine_delete(host.engine);
    return 0;
}
