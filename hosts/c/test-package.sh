#!/usr/bin/env bash
# Uses the package as a stranger would: from an empty folder, with a C compiler and then with CMake. Each line says what was shown.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
shown() { echo "ok: $1"; }
fail() { echo "hosts/c/test-package.sh: $1" >&2; exit 1; }
block() { # block LANGUAGE N FILE: the N-th block of a language in a page
    awk -v fence="^\`\`\`$1\$" -v wanted="$2" '$0 ~ fence { n++; next } /^```/ { if (n == wanted) exit; next } n == wanted' "$3"
}

for tool in cmake pkg-config openssl clang; do
    command -v $tool >/dev/null || fail "$tool was not found. On Debian: apt-get install --no-install-recommends $tool"
done
./package.sh
package=$(echo "$root"/target/packages/c/*.tar.gz)
[ -f "$package" ] || fail "expected one package, found: $package"
name=$(basename "$package" .tar.gz)

# A clone elsewhere: what the package is made of, and nothing that was built but the modules.
mkdir -p "$empty/a clone"/{hosts/c,scripts,target/modules}
cp "$root"/{Cargo.toml,CHANGELOG.md,LICENSE-*} "$empty/a clone"
cp "$root/scripts/version.sh" "$empty/a clone/scripts"
cp -R package package.sh signer "$empty/a clone/hosts/c"
cp "$root"/target/modules/*.wasm "$empty/a clone/target/modules"
(umask 077 && "$empty/a clone/hosts/c/package.sh" >/dev/null)
cmp "$package" "$empty/a clone/target/packages/c/$name.tar.gz" || fail "another build has other bytes"
shown "two builds are the same bytes: $(sha256sum <"$package" | cut -c 1-16)"

tar xzf "$package" -C "$empty" "$name/README.md"
tar tzf "$package" | grep -Ei 'test|conformance|example|adder' && fail "the package has files that it should not have"
tar xzOf "$package" | grep -aE "@[A-Z]+@.*@|/work/|/home/|$root" | grep -v CMAKE_INSTALL && fail "the package names a path"
shown "nothing of the kit, no tests and no path of this machine are inside"

mkdir "$empty/cc"
cd "$empty/cc"
cp "$package" .
block c 1 "../$name/README.md" >main.c
[ "$(eval "$(block sh 1 "../$name/README.md")" | tail -n 1)" = OK ] || fail "the README's program did not print OK"
shown "the README's first program signs and verifies, built by cc as the README says"
for by in gcc clang; do
    "$by" -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wcast-qual -Werror -I "$name/include" -fsyntax-only main.c
done
sed 's/signer_sign(signer, "hello"/signer_sign(\&key, "hello"/' main.c >wrong.c
gcc -Werror -I "$name/include" -fsyntax-only wrong.c 2>wrong.log && fail "a wrong type was compiled"
grep -q "incompatible pointer type" wrong.log || fail "expected an error of type, found: $(head -n 1 wrong.log)"
shown "the strictest warnings have nothing to say, and a wrong type is an error"

mkdir "$empty/cmake"
cd "$empty/cmake"
tar xzf "$package"
(HOME=$empty/home && eval "$(block sh 2 "../$name/README.md")" >log 2>&1) || fail "cmake: $(tail -n 1 log)"
mkdir app
cp ../cc/main.c app
cat >app/more.c <<'END'
#include <everyhost/keys.h>
#include <everyhost/modules.h>
#include <everyhost/verifier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(enum signer_code code) {
    if (code != SIGNER_OK) {
        fprintf(stderr, "%s: %s\n", signer_code_name(code), signer_code_meaning(code));
        exit(1);
    }
}

static void write_file(const char *path, const void *bytes, size_t len) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) { exit(1); }
}

int main(void) {
    struct private_key key;
    struct signer *signer;
    struct verifier *verifier;
    struct keys *keys;
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN], signatures[2][SIGNER_SIGNATURE_LEN];
    const struct signer_bytes messages[2] = {{"one", 3}, {"two", 3}};
    if (!private_key_generate(&key)) { return 1; }
    check(signer_open_private_key(&signer, &key));
    check(signer_public_key(signer, public_key));
    check(signer_sign_many(signer, messages, 2, signatures));
    const struct verifier_item items[2] = {
        {{public_key, 32}, messages[0], {signatures[0], 64}}, {{public_key, 32}, messages[0], {signatures[1], 64}}};
    bool verdicts[2];
    check(verifier_open(&verifier, (const struct verifier_module *[]){&verifier_module}, 1));
    check(verifier_verify_many(verifier, items, 2, verdicts));
    char *token;
    check(signer_sign_token(signer, "{\"sub\":\"me\"}", SIGNER_EDDSA, "k1", &token));
    write_file("token", token, strlen(token));
    free(token);
    char file[KEYS_MAX_WRITTEN_LEN];
    size_t len;
    check(keys_open(&keys));
    check(keys_write_private_key(keys, &key, KEYS_PEM, file, &len));
    write_file("private.pem", file, len);
    check(keys_write_public_key(keys, public_key, KEYS_PEM, file, &len));
    write_file("public.pem", file, len);
    keys_close(&keys);
    verifier_close(&verifier);
    signer_close(&signer);
    private_key_clear(&key);
    const struct modules_wasm *all[] = {&modules_signer, modules_signer_batches[0], modules_signer_batches[1],
                                        modules_verifier[0], modules_verifier[1], modules_verifier[2], &modules_keys};
    for (size_t at = 0; at < sizeof all / sizeof *all; at++) { write_file(all[at]->name, all[at]->bytes, all[at]->len); }
    printf("%d %d\n", verdicts[0], verdicts[1]);
    return 0;
}
END
cat >app/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES C)
find_package(everyhost-signer ${name##*-} REQUIRED)
add_executable(main main.c)
target_link_libraries(main PRIVATE everyhost::signer)
add_executable(more more.c)
target_link_libraries(more PRIVATE everyhost::signer)
target_compile_options(more PRIVATE -Wall -Wextra -Wpedantic -Werror)
END
cmake -S app -B app/build -DCMAKE_PREFIX_PATH="$empty/home/.local" >log && cmake --build app/build >log 2>&1 || fail "cmake: $(tail -n 3 log)"
[ "$(app/build/main)" = OK ] || fail "what CMake built does not print OK"
[ "$(app/build/more)" = "1 0" ] || fail "the other program prints something else"
shown "CMake finds the installed package, and a program uses all of it, without a warning"
mkdir folder
cat >folder/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.16)
project(folder LANGUAGES C)
add_subdirectory($empty/cmake/$name signer)
add_executable(main ../app/main.c)
target_link_libraries(main PRIVATE everyhost::signer)
END
cmake -S folder -B folder/build >log && cmake --build folder/build >log 2>&1 || fail "cmake: $(tail -n 3 log)"
[ "$(folder/build/main)" = OK ] || fail "what CMake built with it as a folder does not print OK"
shown "and builds it as a folder of a project"
for module in signer-raw signer-lanes-relaxed signer-lanes verifier-lanes-relaxed verifier-lanes keys; do
    cmp "$module" "$root/target/modules/$module.wasm" || fail "$module has other bytes"
done
shown "every module is there as bytes, by its name"
strings -a app/build/main | grep -q verifier-lanes && fail "a program has modules that it did not ask for"
export PKG_CONFIG_PATH=$empty/home/.local/lib/pkgconfig
# shellcheck disable=SC2046 # several words
cc app/main.c $(pkg-config --cflags --libs everyhost-signer) -o by-pkg-config
[ "$(./by-pkg-config)" = OK ] || fail "what pkg-config helped to build does not print OK"
shown "pkg-config says how to compile and link; modules that were not asked for are not linked"

openssl pkey -in private.pem -pubout | cmp - public.pem || fail "OpenSSL reads another key"
decode() { cut -d . -f "$1" token | tr _- /+ | base64 --decode 2>/dev/null || true; } # base64url has no padding
[ "$(decode 1)" = '{"alg":"EdDSA","typ":"JWT","kid":"k1"}' ] || fail "the token has another header: $(decode 1)"
[ "$(decode 2)" = '{"sub":"me"}' ] || fail "the token has other claims: $(decode 2)"
cut -d . -f 1,2 token | tr -d '\n' >signed
decode 3 >signature
openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in signed -sigfile signature >/dev/null ||
    fail "OpenSSL finds the token's signature wrong"
shown "OpenSSL reads the key files, and finds the token right"
