/*
 * Speed in C: what `make bench` talks to. It signs and verifies on request, and says how long that took.
 * hosts/BENCH.md has the lines that go in and out. Modules are loaded as the adapter loads them.
 */
#define _GNU_SOURCE

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler.h"
#include "files.h"
#include "guest.h"
#include "loaded.h"
#include "wire.h"

enum { PROTOCOL = 1, MAX_CONTESTANTS = 64, MAX_SETS = 16, MESSAGE_ROOM = 32 };

enum use { ONE_SHOT, HELD, BATCH, OPENSSL, VERIFY, OPENSSL_VERIFY };

struct contestant {
    const char *id;
    enum use use;
    const struct library_signer *with;
    struct signer *signer;
    struct verifier *verifier;
};

/* Signatures by so many issuers in turn. */
struct signed_set {
    json_int_t issuers;
    struct verifier_item *items;
    size_t count;
    /* A key for each issuer, made ready once. */
    EVP_PKEY **openssl_keys;
};

/* What hello gave. */
static struct {
    unsigned char keypair[SIGNER_KEYPAIR_LEN];
    char (*texts)[MESSAGE_ROOM];
    size_t message_count;
    struct contestant contestants[MAX_CONTESTANTS];
    size_t contestant_count;
    const json_t *modules;
    EVP_PKEY *openssl_key;
    struct signed_set sets[MAX_SETS];
    size_t set_count;
} bench;

static void check(enum signer_code code) {
    if (code != SIGNER_OK) { fail_with("%s", signer_code_name(code)); }
}

/* The clock */

static json_int_t clock_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (json_int_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct stopwatch {
    json_int_t wall, cpu;
};

static struct stopwatch start_stopwatch(void) {
    struct stopwatch started = {.cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
    started.wall = clock_ns(CLOCK_MONOTONIC);
    return started;
}

static json_t *elapsed(const struct stopwatch *since) {
    json_int_t wall = clock_ns(CLOCK_MONOTONIC) - since->wall;
    json_int_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - since->cpu;
    return json_pack("{s:I, s:I}", "wall_ns", wall, "cpu_ns", cpu);
}

static json_int_t lap_ns(struct stopwatch *since) {
    json_int_t before = since->wall;
    since->wall = clock_ns(CLOCK_MONOTONIC);
    return since->wall - before;
}

/* Hello */

/* Makes a contestant of an order. */
static void enter(void *order) {
    const char *id = json_string_value(json_object_get(order, "id"));
    const char *name = json_string_value(json_object_get(order, "module"));
    const char *use = json_string_value(json_object_get(order, "use"));
    if (id == NULL || name == NULL || use == NULL || bench.contestant_count + 2 >= MAX_CONTESTANTS) {
        fail_with("an order has id, module and use");
    }
    const char *path = json_string_value(json_object_get(bench.modules, name));
    const struct compiled *loaded = loaded_find(name);
    loaded = loaded == NULL ? loaded_add(name, path == NULL ? "" : path, NULL) : loaded;
    if (loaded->library == NULL) { fail_with("wasm2c refuses it: %.200s", loaded->refused); }
    if (strcmp(use, "verify") == 0) {
        const struct verifier_module *module = loaded->library->verifier;
        struct verifier *verifier;
        if (module == NULL) { fail_with("it does not export all that the wrapper calls"); }
        check(verifier_open(&verifier, &module, 1));
        bench.contestants[bench.contestant_count++] =
            (struct contestant){.id = format("%s", id), .use = VERIFY, .verifier = verifier};
        return;
    }
    const struct library_signer *with = loaded->library->signer;
    if (with == NULL) { fail_with("it does not export all that the wrapper calls"); }
    bool holds = strcmp(use, "one-shot") != 0;
    struct signer *signer;
    check(with->open(&signer, holds ? bench.keypair : NULL, holds ? sizeof bench.keypair : 0));
    bench.contestants[bench.contestant_count++] = (struct contestant){
        .id = format("%s", id),
        .use = !holds                      ? ONE_SHOT
               : strcmp(use, "batch") == 0 ? BATCH
                                           : HELD,
        .with = with,
        .signer = signer,
    };
}

static void take_set(const json_t *written) {
    json_int_t issuers = json_integer_value(json_object_get(written, "issuers"));
    struct signer_bytes keys = bytes_from(json_object_get(written, "public_keys"));
    struct signer_bytes signatures = bytes_from(json_object_get(written, "signatures"));
    size_t count = signatures.len / SIGNER_SIGNATURE_LEN, key_count = keys.len / SIGNER_PUBLIC_KEY_LEN;
    if (issuers < 1 || key_count != (size_t)issuers || count > bench.message_count || bench.set_count >= MAX_SETS) {
        fail_with("a set has as many public keys as issuers, and no more signatures than there are messages");
    }
    struct signed_set set = {issuers, allocate(count, sizeof *set.items), count,
                             allocate(key_count, sizeof(EVP_PKEY *))};
    const unsigned char *key = keys.bytes, *signature = signatures.bytes;
    for (size_t n = 0; n < key_count; n++) {
        set.openssl_keys[n] =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key + n * SIGNER_PUBLIC_KEY_LEN, SIGNER_PUBLIC_KEY_LEN);
        if (set.openssl_keys[n] == NULL) { abort(); }
    }
    for (size_t n = 0; n < count; n++) {
        set.items[n] = (struct verifier_item){
            .public_key = {key + n % key_count * SIGNER_PUBLIC_KEY_LEN, SIGNER_PUBLIC_KEY_LEN},
            .message = {bench.texts[n], strlen(bench.texts[n])},
            .signature = {signature + n * SIGNER_SIGNATURE_LEN, SIGNER_SIGNATURE_LEN},
        };
    }
    bench.sets[bench.set_count++] = set;
}

static json_t *hello(const json_t *task) {
    json_int_t count = json_integer_value(json_object_get(task, "messages"));
    struct signer_bytes keypair = bytes_from(json_object_get(task, "keypair"));
    if (bench.texts != NULL || count < 1 || count > 1 << 20 || keypair.len != sizeof bench.keypair) {
        fail_with("hello comes once, with a keypair of 128 hex digits and some messages");
    }
    memcpy(bench.keypair, keypair.bytes, keypair.len);
    const char *runtime = host_runtime();
    bench.modules = json_object_get(task, "modules");
    bench.message_count = (size_t)count;
    bench.texts = allocate(bench.message_count, sizeof *bench.texts);
    bench.openssl_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bench.keypair, SIGNER_SEED_LEN);
    if (bench.openssl_key == NULL) { abort(); }
    for (size_t n = 0; n < bench.message_count; n++) { snprintf(bench.texts[n], MESSAGE_ROOM, "hello%zu", n); }
    json_t *missing = json_array(), *contestants = json_array(), *order, *set;
    size_t at;
    json_array_foreach(json_object_get(task, "signed"), at, set) { take_set(set); }
    json_array_foreach(json_object_get(task, "signers"), at, order) {
        const char *why = attempt(enter, order);
        if (why != NULL) {
            json_array_append_new(missing, json_pack("{s:O, s:s}", "id", json_object_get(order, "id"), "why", why));
        }
    }
    for (size_t n = 0; n < bench.contestant_count; n++) {
        json_array_append_new(contestants, json_pack("{s:s}", "id", bench.contestants[n].id));
    }
    bench.contestants[bench.contestant_count++] = (struct contestant){.id = "openssl", .use = OPENSSL};
    const char *version = OpenSSL_version(OPENSSL_VERSION_STRING);
    json_array_append_new(contestants, json_pack("{s:s, s:s}", "id", "openssl", "version", version));
    bench.contestants[bench.contestant_count++] = (struct contestant){.id = "verify-openssl", .use = OPENSSL_VERIFY};
    json_array_append_new(contestants, json_pack("{s:s, s:s}", "id", "verify-openssl", "version", version));
    keep();
    return json_pack("{s:i, s:s, s:s, s:o, s:o}", "protocol", PROTOCOL, "version", "C, " COMPILER, "runtime", runtime,
                     "contestants", contestants, "missing", missing);
}

/* Signing */

static bool openssl_sign(const struct signer_bytes *message, unsigned char *signature) {
    size_t len = SIGNER_SIGNATURE_LEN;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_done = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, bench.openssl_key) == 1 &&
                   EVP_DigestSign(context, signature, &len, message->bytes, message->len) == 1;
    EVP_MD_CTX_free(context);
    return is_done;
}

/* Who signs one by one has its loop here. */
static enum signer_code sign_all(const struct contestant *who, const struct signer_bytes *messages, size_t count,
                                 unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]) {
    if (who->use == BATCH) { return who->with->sign_many(who->signer, messages, count, signatures); }
    enum signer_code code = SIGNER_OK;
    for (size_t n = 0; n < count && code == SIGNER_OK; n++) {
        const struct signer_bytes *message = &messages[n];
        code = who->use == HELD       ? who->with->sign(who->signer, message->bytes, message->len, signatures[n])
               : who->use == ONE_SHOT ? who->with->sign_with(who->signer, bench.keypair, sizeof bench.keypair,
                                                             message->bytes, message->len, signatures[n])
               : openssl_sign(message, signatures[n]) ? SIGNER_OK
                                                      : SIGNER_OUT_OF_MEMORY;
    }
    return code;
}

struct turn {
    const struct contestant *who;
    size_t first, total, most;
};

static struct turn turn_from(const json_t *turn, bool verifies) {
    const char *id = json_string_value(json_object_get(turn, "contestant"));
    size_t first = (size_t)json_integer_value(json_object_get(turn, "first"));
    json_int_t count = json_integer_value(json_object_get(turn, "count"));
    json_int_t a_call = json_integer_value(json_object_get(turn, "a_call"));
    const struct contestant *who = NULL;
    for (size_t n = 0; id != NULL && n < bench.contestant_count; n++) {
        who = strcmp(bench.contestants[n].id, id) == 0 ? &bench.contestants[n] : who;
    }
    if (who == NULL || (who->use >= VERIFY) != verifies || count < 1 || count > 1 << 20 || a_call < 1) {
        fail_with("no such turn: %s takes %lld, %lld a call", id == NULL ? "nobody" : id, (long long)count,
                  (long long)a_call);
    }
    bool is_batch = who->use == BATCH || who->use == VERIFY;
    return (struct turn){who, first, (size_t)count, (size_t)(is_batch ? a_call : count)};
}

static json_t *sign(const json_t *ask) {
    const struct turn turn = turn_from(ask, false);
    const size_t total = turn.total, most = turn.most;
    struct signer_bytes *messages = allocate(total, sizeof *messages);
    unsigned char(*signatures)[SIGNER_SIGNATURE_LEN] = allocate(total, sizeof *signatures);
    for (size_t n = 0; n < total; n++) {
        const char *text = bench.texts[(turn.first + n) % bench.message_count];
        messages[n] = (struct signer_bytes){text, strlen(text)};
    }
    struct stopwatch stopwatch = start_stopwatch();
    for (size_t done = 0; done < total; done += most) {
        check(sign_all(turn.who, messages + done, total - done < most ? total - done : most, signatures + done));
    }
    json_t *answer = elapsed(&stopwatch);
    json_object_set_new(answer, "signatures", hex_of(signatures, total * sizeof *signatures));
    return answer;
}

static bool openssl_verify(EVP_PKEY *key, const struct verifier_item *item) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_right = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                    EVP_DigestVerify(context, item->signature.bytes, item->signature.len, item->message.bytes,
                                     item->message.len) == 1;
    EVP_MD_CTX_free(context);
    return is_right;
}

static json_t *verify(const json_t *ask) {
    const struct turn turn = turn_from(ask, true);
    json_int_t issuers = json_integer_value(json_object_get(ask, "issuers"));
    const struct signed_set *set = NULL;
    for (size_t n = 0; n < bench.set_count; n++) { set = bench.sets[n].issuers == issuers ? &bench.sets[n] : set; }
    if (set == NULL) { fail_with("no signatures by %lld issuers were given", (long long)issuers); }
    struct verifier_item *items = allocate(turn.total, sizeof *items);
    EVP_PKEY **keys = allocate(turn.total, sizeof(EVP_PKEY *));
    bool *verdicts = allocate(turn.total, sizeof *verdicts);
    for (size_t n = 0; n < turn.total; n++) {
        size_t at = (turn.first + n) % set->count;
        items[n] = set->items[at];
        keys[n] = set->openssl_keys[at % (size_t)issuers];
    }
    struct stopwatch stopwatch = start_stopwatch();
    for (size_t done = 0; done < turn.total && turn.who->use == VERIFY; done += turn.most) {
        size_t count = turn.total - done < turn.most ? turn.total - done : turn.most;
        check(verifier_verify_many(turn.who->verifier, items + done, count, verdicts + done));
    }
    for (size_t n = 0; n < turn.total && turn.who->use == OPENSSL_VERIFY; n++) {
        verdicts[n] = openssl_verify(keys[n], &items[n]);
    }
    json_t *answer = elapsed(&stopwatch);
    json_object_set_new(answer, "verdicts", hex_of(verdicts, turn.total));
    return answer;
}

/* The library of a loaded signer. */
static const struct library *library_of(const json_t *ask) {
    const char *name = json_string_value(json_object_get(ask, "module"));
    const struct compiled *loaded = name == NULL ? NULL : loaded_find(name);
    if (loaded == NULL || loaded->library == NULL || loaded->library->signer == NULL) {
        fail_with("no signer was made of module %s", name == NULL ? "(none)" : name);
    }
    return loaded->library;
}

/* From loading the library that was made of a module to the first signature; it was compiled ahead. */
static json_t *start(const json_t *ask) {
    const struct library_signer *with = library_of(ask)->signer;
    unsigned char signature[SIGNER_SIGNATURE_LEN];
    struct signer *signer;
    struct stopwatch stopwatch = start_stopwatch();
    enum signer_code code = with->open(&signer, NULL, 0);
    json_int_t instantiated = lap_ns(&stopwatch);
    code = code != SIGNER_OK ? code : with->load_key(signer, bench.keypair, sizeof bench.keypair);
    json_int_t key_loaded = lap_ns(&stopwatch);
    code = code != SIGNER_OK ? code : with->sign(signer, bench.texts[0], strlen(bench.texts[0]), signature);
    json_int_t signed_first = lap_ns(&stopwatch);
    with->close(&signer);
    check(code);
    return json_pack("{s:I, s:I, s:I, s:o}", "instantiate_ns", instantiated, "load_key_ns", key_loaded,
                     "first_signature_ns", signed_first, "signature", hex_of(signature, sizeof signature));
}

/* The boundary */

struct crossing {
    struct guest_call call;
    union library_value param, result;
    /* Where in linear memory, and what of ours. */
    uint32_t ptr;
    unsigned char *bytes;
    size_t len;
};

/* Calls, and finds where the bytes go; 0, or what guest_run says. */
static int prepare(struct crossing *crossing, const char *what) {
    const char *name = strcmp(what, "call") == 0 ? "abi_version"
                       : strcmp(what, "in") == 0 ? "allocate_message"
                                                 : "get_signature_ptr";
    crossing->call.function = library_function(crossing->call.library, name);
    crossing->call.params = &crossing->param;
    crossing->call.results = &crossing->result;
    crossing->param.i32 = (uint32_t)crossing->len;
    int end = guest_run(guest_instantiate, &crossing->call);
    end = end != 0 ? end : guest_run(guest_call_export, &crossing->call);
    crossing->ptr = crossing->result.i32;
    return end;
}

static int cross(struct crossing *crossing, const char *what, json_int_t calls) {
    int end = 0;
    const wasm_rt_memory_t *memory = crossing->call.library->memory(crossing->call.instance);
    for (json_int_t n = 0; n < calls && end == 0; n++) {
        if (strcmp(what, "call") == 0) {
            end = guest_run(guest_call_export, &crossing->call);
        } else if (!guest_in_bounds(memory, crossing->ptr, crossing->len)) {
            end = GUEST_BROKEN;
        } else if (strcmp(what, "in") == 0) {
            memcpy(memory->data + crossing->ptr, crossing->bytes, crossing->len);
        } else {
            memcpy(crossing->bytes, memory->data + crossing->ptr, crossing->len);
        }
        /* So that no copy is left out. */
        __asm__ volatile("" : : "r"(crossing->bytes) : "memory");
    }
    return end;
}

static json_t *crossing(const json_t *ask) {
    const char *what = json_string_value(json_object_get(ask, "what"));
    const struct library *library = library_of(ask);
    if (what == NULL || (strcmp(what, "call") != 0 && strcmp(what, "in") != 0 && strcmp(what, "out") != 0)) {
        fail_with("a crossing is call, in or out here, not %s", what == NULL ? "nothing" : what);
    }
    size_t len = (size_t)json_integer_value(json_object_get(ask, "bytes"));
    struct crossing crossing = {
        .call = {.library = library, .instance = allocate(1, library->instance_size)},
        .bytes = allocate(len, 1),
        .len = len,
    };
    int end = prepare(&crossing, what);
    struct stopwatch stopwatch = start_stopwatch();
    end = end != 0 ? end : cross(&crossing, what, json_integer_value(json_object_get(ask, "calls")));
    json_t *answer = elapsed(&stopwatch);
    library->free(crossing.call.instance);
    if (end != 0) { fail_with("%s", guest_end_text(end)); }
    return answer;
}

struct question {
    const json_t *ask;
    json_t *answer;
};

static void answer_to(void *question_) {
    struct question *question = question_;
    const json_t *ask = question->ask;
    const char *command = json_string_value(json_object_get(ask, "cmd"));
    command = command == NULL || (bench.texts == NULL && strcmp(command, "hello") != 0) ? "" : command;
    question->answer = strcmp(command, "hello") == 0      ? hello(ask)
                       : strcmp(command, "sign") == 0     ? sign(ask)
                       : strcmp(command, "verify") == 0   ? verify(ask)
                       : strcmp(command, "start") == 0    ? start(ask)
                       : strcmp(command, "crossing") == 0 ? crossing(ask)
                                                          : NULL;
}

static json_t *answer(const char *line, size_t len) {
    struct question question = {json_loadb(line, len, 0, NULL), NULL};
    const char *why = attempt(answer_to, &question);
    if (why == NULL && question.answer == NULL) { fail_with("a line that is not a question: %.200s", line); }
    return why == NULL ? question.answer : json_pack("{s:s}", "error", why);
}

int main(void) {
    int status = serve("c bench", answer);
    for (size_t n = 0; n < bench.contestant_count; n++) {
        if (bench.contestants[n].with != NULL) { bench.contestants[n].with->close(&bench.contestants[n].signer); }
        verifier_close(&bench.contestants[n].verifier);
    }
    for (size_t n = 0; n < bench.set_count; n++) {
        for (json_int_t key = 0; key < bench.sets[n].issuers; key++) { EVP_PKEY_free(bench.sets[n].openssl_keys[key]); }
    }
    loaded_clear();
    EVP_PKEY_free(bench.openssl_key);
    return status;
}
