/* Gives a guest the function log. The guest is greeter.wasm, made C by wasm2c. */

#include <stdio.h>

#include "greeter.h"
#include "wasm-rt-impl.h"

/* ANCHOR: log */
struct Z_env_instance_t { /* ours to define: what the host's functions need */
    Z_greeter_instance_t *guest;
    char refusal[80];
};

void Z_envZ_log(struct Z_env_instance_t *env, u32 text, u32 len) {
    wasm_rt_memory_t *memory = Z_greeterZ_memory(env->guest);
    if ((u64)text + len > memory->size) { /* in 64 bits, where the sum does not wrap around */
        snprintf(env->refusal, sizeof env->refusal, "%u bytes at %u are not all in memory", len, text);
        wasm_rt_trap(WASM_RT_TRAP_OOB); /* goes back to wasm_rt_impl_try, past the guest */
    }
    printf("guest: %.*s\n", (int)len, (const char *)memory->data + text);
}
/* ANCHOR_END: log */

int main(void) {
    Z_greeter_instance_t guest;
    struct Z_env_instance_t env = {.guest = &guest};
    wasm_rt_init();
    Z_greeter_init_module();
    Z_greeter_instantiate(&guest, &env);
    if (wasm_rt_impl_try() == 0) {
        Z_greeterZ_greet(&guest);
        Z_greeterZ_stray(&guest);
    } else {
        printf("refused: %s\n", env.refusal);
    }
    Z_greeter_free(&guest);
    wasm_rt_free();
    return 0;
}
