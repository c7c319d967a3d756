/*
 * copy_tool IN.wasm OUT.wasm: writes the copy of a signer that wasm2c may be given (see module_copy), or says why not.
 *
 * For the example, whose --module FILE may come from anybody.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "files.h"
#include "module.h"

static _Noreturn void fail(const char *path, const char *is_what, const char *why)
{
    fprintf(stderr, "%s%s: %s\n", path, is_what, why);
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fail("usage", "", "copy_tool IN.wasm OUT.wasm");
    }
    size_t len;
    unsigned char *wasm = file_read(argv[1], &len);
    if (wasm == NULL) {
        fail("cannot read ", argv[1], strerror(errno));
    }
    struct module module;
    char *refused = module_read(&module, wasm, len);
    if (refused != NULL) {
        fail(argv[1], " is not a Wasm module", refused);
    }
    if (abi_kind(&module) != MODULE_SIGNER) {
        fail(argv[1], " is not a signer module", "it does not export what a signer does");
    }
    unsigned char *copy = module_copy(&module, &len);
    if (!file_write(argv[2], copy, len)) {
        fail("cannot write ", argv[2], strerror(errno));
    }
    module_free(&module);
    free(copy);
    free(wasm);
    return 0;
}
