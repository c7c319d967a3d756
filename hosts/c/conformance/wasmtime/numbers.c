#include "numbers.h"

#include <string.h>

#include "files.h"

static const char LETTERS[] = "ijfdor"; /* in the order of wasmtime_valkind_t and wasmtime_valtype_kind_t */

struct typed_value number_from(const wasmtime_val_t *value) {
    struct typed_value number = {'?', 0};
    if (value->kind > WASMTIME_F64) { return number; }
    number.type = LETTERS[value->kind];
    bool is_short = value->kind == WASMTIME_I32 || value->kind == WASMTIME_F32;
    memcpy(&number.bits, &value->of, is_short ? sizeof(uint32_t) : sizeof(uint64_t));
    return number;
}

wasmtime_val_t number_of(struct typed_value number) {
    wasmtime_val_t value = {.kind = (wasmtime_valkind_t)(strchr(LETTERS, number.type) - LETTERS)};
    memcpy(&value.of, &number.bits, sizeof number.bits);
    return value;
}

const char *letters_of(const wasm_valtype_vec_t *types) {
    char *letters = allocate(types->size, 1);
    for (size_t at = 0; at < types->size; at++) {
        /* wasm_valtype_kind would end the process for a v128 and for most references. */
        wasmtime_valtype_t type;
        wasmtime_valtype_new(types->data[at], &type);
        letters[at] = LETTERS[type.kind];
        wasmtime_valtype_delete(&type);
    }
    return letters;
}

wasm_valtype_t *type_of(char letter) {
    static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64};
    return wasm_valtype_new(letter == 'r' ? WASM_FUNCREF : kinds[strchr(LETTERS, letter) - LETTERS]);
}
