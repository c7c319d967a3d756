/*
 * copy_tool IN.wasm OUT.wasm: writes the copy of a signer that wasm2c may be given (see module_copy), or says why not.
 *
 * For the example, whose --module FILE may come from anybody.
 */
#include <errno.h>
#include <string.h>

#include "abi.h"
#include "files.h"
#include "module.h"

int main(int argc, char **argv) {
    if (argc != 3) { fail_with("usage: copy_tool IN.wasm OUT.wasm"); }
    size_t len;
    struct module module;
    unsigned char *wasm = file_read(argv[1], &len);
    const char *refused = module_read(&module, wasm, len);
    if (refused != NULL) { fail_with("%s is not a Wasm module: %s", argv[1], refused); }
    if (abi_kind(&module) != MODULE_SIGNER) {
        fail_with("%s is not a signer module: it has imports, or lacks exports that a signer has", argv[1]);
    }
    unsigned char *copy = module_copy(&module, &len);
    if (!file_write(argv[2], copy, len)) { fail_with("cannot write %s: %s", argv[2], strerror(errno)); }
    release();
    return 0;
}
