/* Many signatures at once: which module verifies, its verdicts, and what becomes of bad items and of traps. */
#include <string.h>

#include "files.h"
#include "host.h"
#include "tests.h"

static struct verifier *verifier;

/*
 * Made for batches, without SIMD, for messages of 4096 bytes together. A signature is right to it if it begins with the
 * first bytes of the message and of the key; strictly, if a 1 comes next. A key that begins with ff traps, and can't be
 * held; keys that begin with 00 are no points.
 */
static const char BATCHED[] =
    "(module (memory (export \"memory\") 16) (global $count (mut i32) (i32.const 0))"
    " (func (export \"verifier_abi_version\") (result i32) (i32.const 1))"
    " (func (export \"max_message_len\") (result i32) (i32.const 4096))"
    " (func (export \"get_public_key_ptr\") (result i32) (i32.const 0))"
    " (func (export \"hold_key\") (result i32)"
    "  (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 255)) (then unreachable)) (i32.load8_u (i32.const 0)))"
    " (func (export \"allocate_verify_batch\") (param $count i32) (param $len i32) (result i32)"
    "  (global.set $count (local.get $count))"
    "  (if (i32.or (i32.gt_u (local.get $count) (i32.const 4096)) (i32.gt_u (local.get $len) (i32.const 4096)))"
    "   (then unreachable))"
    "  (i32.const 64))"
    " (func (export \"get_verdicts_ptr\") (result i32) (i32.const 900000))"
    " (func $verify (param $is_strict i32) (result i32) (local $at i32) (local $head i32) (local $message i32)"
    "  (local.set $head (i32.const 64))"
    "  (local.set $message (i32.add (i32.const 64) (i32.mul (i32.const 100) (global.get $count))))"
    "  (loop $next (if (i32.lt_u (local.get $at) (global.get $count)) (then"
    "   (if (i32.eq (i32.load8_u (local.get $head)) (i32.const 255)) (then unreachable))"
    "   (i32.store8 (i32.add (i32.const 900000) (local.get $at))"
    "    (i32.and (i32.eq (i32.load8_u offset=32 (local.get $head)) (i32.load8_u (local.get $message)))"
    "     (i32.and (i32.eq (i32.load8_u offset=33 (local.get $head)) (i32.load8_u (local.get $head)))"
    "      (i32.or (i32.eqz (local.get $is_strict))"
    "       (i32.eq (i32.load8_u offset=34 (local.get $head)) (i32.const 1))))))"
    "   (local.set $message (i32.add (local.get $message) (i32.load offset=96 (local.get $head))))"
    "   (local.set $head (i32.add (local.get $head) (i32.const 100)))"
    "   (local.set $at (i32.add (local.get $at) (i32.const 1)))"
    "   (br $next))))"
    "  (i32.const 0))"
    " (func (export \"verify_batch\") (result i32) (call $verify (i32.const 0)))"
    " (func (export \"verify_batch_strict\") (result i32) (call $verify (i32.const 1))))";

/* The same with another body of verify_batch. */
static const struct verifier_module *batched_with(const char *body) {
    const char *tail = strstr(BATCHED, "(call $verify (i32.const 0)))");
    return load_text(format("%.*s%s) (func (export \"verify_batch_strict\") (result i32) (i32.const 0)))",
                            (int)(tail - BATCHED), BATCHED, body))
        ->verifier;
}

static const struct verifier_module *batched(void) {
    static const struct library *library;
    if (library == NULL) { library = load_text(BATCHED); }
    return library->verifier;
}

static const struct verifier_module *raw(void) {
    static const struct library *library;
    if (library == NULL) { library = load_file(built("signer-raw")); }
    return library->verifier;
}

static void open_verifier(const struct verifier_module *module) {
    verifier_close(&verifier);
    assert_code(verifier_open(&verifier, &module, 1), SIGNER_OK);
}

static struct verifier_item item_of(const void *key, const char *message, const void *signature) {
    return (struct verifier_item){{key, 32}, {message, strlen(message)}, {signature, 64}};
}

static struct verifier_item hello(void) { return item_of(KEYPAIR + 32, "hello", HELLO_SIGNATURE); }

/* For the module above: a key of one letter, and the first bytes of the signature. */
static struct verifier_item short_item(char key, const char *message, const char *signature) {
    char *padded = allocate(32 + 64, 1);
    padded[0] = key;
    memcpy(padded + 32, signature, strlen(signature));
    return item_of(padded, message, padded + 32);
}

TEST(verifier, the_verdicts_are_those_of_verify) {
    static const unsigned char small_order[32] = {1}, signature_of_small_order[64] = {1};
    unsigned char flipped[64], no_point[32] = {2};
    memcpy(flipped, HELLO_SIGNATURE, 64);
    flipped[63] ^= 1;
    struct verifier_item items[] = {
        hello(),
        item_of(KEYPAIR + 32, "hellO", HELLO_SIGNATURE),
        item_of(KEYPAIR + 32, "hello", flipped),
        item_of(small_order, "any", signature_of_small_order),
        item_of(no_point, "hello", HELLO_SIGNATURE),
        hello(),
        hello(),
        hello(),
    };
    enum { COUNT = sizeof items / sizeof *items };
    static const bool wanted[] = {true, false, false, true, false, false, false, true};
    items[5].signature.len = 63;
    items[6].signature = (struct signer_bytes){NULL, 0};
    bool verdicts[COUNT];
    open_signer(signer_raw(), NULL);
    open_verifier(raw());
    for (int is_strict = 0; is_strict < 2; is_strict++) {
        assert_code((is_strict ? verifier_verify_many_strict : verifier_verify_many)(verifier, items, COUNT, verdicts),
                    SIGNER_OK);
        for (size_t at = 0; at < COUNT; at++) {
            struct signer_bytes key = items[at].public_key, message = items[at].message, by = items[at].signature;
            enum signer_code code = (is_strict ? with->verify_strict : with->verify)(
                signer, key.bytes, key.len, message.bytes, message.len, by.bytes, by.len);
            ck_assert_int_eq(verdicts[at], code == SIGNER_OK);
            ck_assert_int_eq(verdicts[at], wanted[at] && !(is_strict && at == 3));
        }
    }
}

TEST(verifier, a_module_made_for_batches_gets_them_whole) {
    struct verifier_item items[] = {short_item('A', "x1", "xA\1"), short_item('B', "y", "yB\2"),
                                    short_item('B', "y", "yA\1"),  short_item('C', "", "1C"),
                                    short_item('C', "1", "1C"),    short_item('A', "x", "xA\1")};
    items[5].signature.len = 65;
    bool verdicts[6];
    open_verifier(batched());
    assert_code(verifier_verify_many(verifier, items, 6, verdicts), SIGNER_OK);
    ck_assert_mem_eq(verdicts, ((bool[]){true, true, false, true, true, false}), sizeof verdicts);
    assert_code(verifier_verify_many_strict(verifier, items, 6, verdicts), SIGNER_OK);
    ck_assert_mem_eq(verdicts, ((bool[]){true, false, false, false, false, false}), sizeof verdicts);
    assert_code(verifier_verify_many(verifier, NULL, 0, NULL), SIGNER_OK);
}

/* The module traps if it gets more than 4096 items, or bytes. */
TEST(verifier, what_exceeds_one_batch_is_split) {
    enum { COUNT = 9001 };
    static struct verifier_item items[COUNT];
    static bool verdicts[COUNT];
    static char message[3001];
    memset(message, 'm', 3000);
    open_verifier(batched());
    for (size_t at = 0; at < COUNT; at++) { items[at] = short_item('A', "m", at % 3 == 0 ? "-A" : "mA"); }
    assert_code(verifier_verify_many(verifier, items, COUNT, verdicts), SIGNER_OK);
    for (size_t at = 0; at < COUNT; at++) { ck_assert_int_eq(verdicts[at], at % 3 != 0); }
    for (size_t at = 0; at < 5; at++) { items[at].message = (struct signer_bytes){message, at == 2 ? 1096 : 3000}; }
    assert_code(verifier_verify_many(verifier, items, 5, verdicts), SIGNER_OK);
    for (size_t at = 0; at < 5; at++) { ck_assert_int_eq(verdicts[at], at % 3 != 0); }
}

TEST(verifier, a_bad_item_is_named_and_nothing_is_verified) {
    static const char long_message[4097];
    struct verifier_item items[] = {short_item('A', "x", "xA"), short_item('\xff', "x", "xA"),
                                    short_item('A', "x", "xA")};
    bool verdicts[3] = {true, true, true};
    open_verifier(batched());
    items[2].public_key.len = 31;
    assert_code(verifier_verify_many(verifier, items, 3, verdicts), SIGNER_PUBLIC_KEY_LENGTH);
    ck_assert_str_eq(verifier_error_text(), "item 2: a public key must be 32 bytes long");
    ck_assert_mem_eq(verdicts, ((bool[]){false, false, false}), sizeof verdicts);
    items[0].message = (struct signer_bytes){long_message, sizeof long_message};
    assert_code(verifier_verify_many_strict(verifier, items, 3, verdicts), SIGNER_MESSAGE_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(verifier_error_text(), "item 0: the message is longer"));
    items[0].public_key.bytes = NULL;
    assert_code(verifier_verify_many(verifier, items, 3, verdicts), SIGNER_PUBLIC_KEY_LENGTH);
}

TEST(verifier, the_first_module_that_can_be_used_verifies) {
    const struct verifier_module *self_test_fails = batched_with("(i32.const 8)");
    const struct verifier_module *lists[][3] = {
        {raw(), batched(), NULL}, {NULL, batched(), raw()}, {self_test_fails, NULL, raw()}};
    static const int places[] = {0, 1, 2};
    struct verifier_item item = hello();
    bool verdict;
    for (size_t at = 0; at < 3; at++) {
        verifier_close(&verifier);
        assert_code(verifier_open(&verifier, lists[at], 3), SIGNER_OK);
        ck_assert_int_eq(verifier_module_index(verifier), places[at]);
        assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_OK);
        ck_assert_int_eq(verdict, at != 1); /* which is no Ed25519 */
    }
}

TEST(verifier, where_no_module_can_be_used_the_last_says_why) {
    const struct verifier_module *self_test_fails = batched_with("(i32.const 8)");
    const struct verifier_module *no_verifier = least_signer("")->verifier;
    assert_code(verifier_open(&verifier, NULL, 0), SIGNER_NO_EXPORT);
    assert_code(verifier_open(&verifier, (const struct verifier_module *[]){NULL}, 1), SIGNER_NO_EXPORT);
    assert_code(verifier_open(&verifier, (const struct verifier_module *[]){self_test_fails, NULL}, 2),
                SIGNER_SELF_TEST_FAILED);
    assert_code(verifier_open(&verifier, (const struct verifier_module *[]){self_test_fails, no_verifier}, 2),
                SIGNER_NO_EXPORT);
    const struct verifier_module *traps = batched_with("unreachable");
    assert_code(verifier_open(&verifier, (const struct verifier_module *[]){traps, raw()}, 2), SIGNER_TRAPPED);
    ck_assert_str_eq(verifier_error_text(), "unreachable was reached");
    ck_assert_ptr_null(verifier);
    ck_assert_int_eq(verifier_module_index(verifier), -1);
}

TEST(verifier, after_a_trap_it_has_a_new_instance) {
    struct verifier_item items[] = {short_item('A', "x", "xA"), short_item('\xff', "x", "x\xff")};
    open_verifier(batched());
    for (int times = 0; times < 3; times++) {
        bool verdicts[2] = {true, true}, is_held;
        assert_code(verifier_verify_many(verifier, items, 2, verdicts), SIGNER_TRAPPED);
        ck_assert_str_eq(verifier_error_text(), "unreachable was reached");
        ck_assert(!verdicts[0] && !verdicts[1]);
        assert_code(verifier_verify_many(verifier, items, 1, verdicts), SIGNER_OK);
        ck_assert(verdicts[0]);
        assert_code(verifier_hold(verifier, items[1].public_key.bytes, 32, &is_held), SIGNER_TRAPPED);
    }
}

TEST(verifier, a_status_or_a_pointer_that_cannot_be_is_a_trap) {
    struct verifier_item item = hello();
    bool verdict;
    const struct verifier_module *module = load_fake(&(struct fake){.bodies = {{"verify", "i32.const 9"}}})->verifier;
    open_verifier(module);
    assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_TRAPPED);
    ck_assert_str_eq(verifier_error_text(), "the guest breaks its own rules");
    module = load_fake(&(struct fake){.bodies = {{"get_signature_ptr", "i32.const 65500"}}})->verifier;
    open_verifier(module);
    assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_TRAPPED);
    verifier_close(&verifier);
    module = load_fake(&(struct fake){.bodies = {{"abi_version", "i32.const 2"}}})->verifier;
    assert_code(verifier_open(&verifier, &module, 1), SIGNER_TRAPPED);
}

TEST(verifier, no_memory_is_told_and_nothing_is_lost) {
    struct verifier_item item = hello();
    bool verdict = true;
    open_verifier(load_fake(&(struct fake){.bodies = {{"verify", "i32.const 6"}}})->verifier);
    assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_OUT_OF_MEMORY);
    ck_assert(!verdict);
    assert_code(verifier_verify_many_strict(verifier, &item, 1, &verdict), SIGNER_OK);
    ck_assert(verdict);
}

TEST(verifier, keys_are_held_where_the_module_holds_any) {
    bool is_held = true;
    open_verifier(raw());
    assert_code(verifier_hold(verifier, KEYPAIR + 32, 32, &is_held), SIGNER_OK);
    ck_assert(!is_held);
    open_verifier(batched());
    assert_code(verifier_hold(verifier, KEYPAIR + 32, 32, &is_held), SIGNER_OK);
    ck_assert(is_held);
    assert_code(verifier_hold(verifier, (unsigned char[32]){0}, 32, &is_held), SIGNER_OK);
    ck_assert(!is_held);
    assert_code(verifier_hold(verifier, KEYPAIR + 32, 31, &is_held), SIGNER_PUBLIC_KEY_LENGTH);
    assert_code(verifier_hold(verifier, NULL, 0, &is_held), SIGNER_PUBLIC_KEY_LENGTH);
}

TEST(verifier, a_closed_one_says_so) {
    struct verifier_item item = hello();
    bool verdict = true, is_held;
    open_verifier(raw());
    assert_code(verifier_close(&verifier), SIGNER_OK);
    ck_assert_ptr_null(verifier);
    assert_code(verifier_close(&verifier), SIGNER_OK);
    assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_CLOSED);
    ck_assert(!verdict);
    assert_code(verifier_hold(verifier, KEYPAIR + 32, 32, &is_held), SIGNER_CLOSED);
}

/* A module of C: it opens so many times, and asks the verifier for everything while it verifies. */
static int opens_left;

static enum signer_code open_some_times(struct verifier_instance **instance) {
    static char is_open;
    *instance = opens_left-- > 0 ? (struct verifier_instance *)&is_open : NULL;
    return *instance == NULL ? SIGNER_OUT_OF_MEMORY : SIGNER_OK;
}

static void close_nothing(struct verifier_instance *instance) { (void)instance; }

static size_t any_len(const struct verifier_instance *instance) { return instance != NULL; }

static enum signer_code ask_within(struct verifier_instance *instance, bool is_strict,
                                   const struct verifier_item *items, size_t count, bool *verdicts) {
    bool is_held = true;
    (void)instance;
    assert_code(verifier_verify_many(verifier, items, count, verdicts), SIGNER_IN_USE);
    assert_code(verifier_hold(verifier, KEYPAIR + 32, 32, &is_held), SIGNER_IN_USE);
    assert_code(verifier_close(&verifier), SIGNER_IN_USE);
    ck_assert_int_eq(verifier_module_index(verifier), 0);
    ck_assert(is_held);
    verdicts[0] = true;
    return is_strict ? SIGNER_TRAPPED : SIGNER_OK;
}

static const char *text_within(void) { return "as it was told"; }

static const struct verifier_module OF_C = {open_some_times, close_nothing, any_len, ask_within, NULL, text_within};

TEST(verifier, a_call_within_a_call_is_told_and_disturbs_nothing) {
    struct verifier_item item = {.public_key = {KEYPAIR + 32, 32}};
    bool verdict = false;
    opens_left = 1;
    open_verifier(&OF_C);
    assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_OK);
    ck_assert(verdict);
    assert_code(verifier_close(&verifier), SIGNER_OK);
}

TEST(verifier, one_that_gets_no_new_instance_is_closed) {
    struct verifier_item item = {.public_key = {KEYPAIR + 32, 32}};
    bool verdict = true;
    opens_left = 1;
    open_verifier(&OF_C);
    assert_code(verifier_verify_many_strict(verifier, &item, 1, &verdict), SIGNER_TRAPPED);
    ck_assert_str_eq(verifier_error_text(), "as it was told");
    ck_assert(!verdict);
    assert_code(verifier_verify_many(verifier, &item, 1, &verdict), SIGNER_CLOSED);
    assert_code(verifier_close(&verifier), SIGNER_OK);
    ck_assert_ptr_null(verifier);
}

TEST(verifier, the_adapter_answers_for_both_kinds) {
    static const char key[] = "4100000000000000000000000000000000000000000000000000000000000000";
    const char *zeros = "0000000000000000000000000000000000000000000000000000000000000000"
                        "00000000000000000000000000000000000000000000000000000000";
    const char *item = format("{\"public_key\":\"%s\",\"message\":\"78\",\"signature\":\"78410000%s\"}", key, zeros);
    const char *items = format("\"items\":[%s,{\"public_key\":{\"repeat\":\"41\",\"times\":32},\"message\":\"\","
                               "\"signature\":\"\"}]",
                               item);
    const struct library *library = load_text(BATCHED);
    ck_assert_str_eq(json_dumps(operations_of(library), JSON_COMPACT),
                     "[\"verify\",\"verify_strict\",\"verify_many\",\"verify_many_strict\",\"raw\","
                     "\"raw_memory_limit\",\"raw_deadline\",\"raw_module\",\"raw_imports\"]");
    assert_answer(library, "verify_many", format("{%s}", items), "{\"ok\":{\"verdicts\":\"0100\"}}");
    assert_answer(library, "verify_many", format("{%s,\"order\":[1,0,0,1]}", items),
                  "{\"ok\":{\"verdicts\":\"00010100\"}}");
    assert_answer(library, "verify_many_strict", format("{%s}", items), "{\"ok\":{\"verdicts\":\"0000\"}}");
    assert_answer(library, "verify_many", "{\"items\":[]}", "{\"ok\":{\"verdicts\":\"\"}}");
    assert_answer(library, "verify", item, "{\"ok\":{\"valid\":true}}");
    assert_answer(library, "verify_strict", item, "{\"ok\":{\"valid\":false}}");
    assert_answer(library, "verify", "{\"public_key\":\"\",\"message\":\"\",\"signature\":\"\"}",
                  "{\"error\":\"PUBLIC_KEY_LENGTH\"}");
    assert_answer(load_file(built("signer-raw")), "verify_many",
                  format("{\"items\":[{\"public_key\":\"%s\",\"message\":\"68656c6c6f\",\"signature\":\"%s\"}]}",
                         &KEYPAIR_HEX[64], HELLO_SIGNATURE_HEX),
                  "{\"ok\":{\"verdicts\":\"01\"}}");
}

TEST_LOOP(verifier, a_batch_that_cannot_be_understood_is_not_verified, 6) {
    static const char *const batches[] = {"{}",
                                          "{\"items\":[5]}",
                                          "{\"items\":[],\"order\":[0]}",
                                          "{\"items\":[],\"order\":[\"0\"]}",
                                          "{\"items\":[],\"order\":[-1]}",
                                          "{\"items\":[],\"order\":{}}"};
    json_t *answer = operate(load_text(BATCHED), "verify_many", json_loads(batches[_i], 0, NULL));
    ck_assert_ptr_nonnull(json_object_get(answer, "unsupported"));
}
