#!/bin/sh
# Every check of the C# host: formatting, the compiler's warnings as errors, the example, the adapter, and the tests on Mono and on
# CoreCLR.
#   hosts/csharp/check.sh EveryhostTests.SignerTests    # one fixture, or one test of it
set -eu
cd "$(dirname "$0")"
./setup.sh
.venv/bin/clang-format --dry-run --Werror EveryhostSigner/*.cs conformance/*.cs conformance/*/*.cs example/*.cs tests/*.cs

node ../examples.mjs csharp
node ../adapters.mjs csharp-mono
log=bin/nunit.log
# On one thread and from bin/ itself, where the native library is.
nunit-console -nologo -nodots -nothread -noshadow -noresult ${1:+-run="$1"} bin/tests.dll >$log 2>&1 || {
    cat $log
    exit 1
}
count=$(sed -n 's/^Tests run: \([0-9]*\), Errors: 0, Failures: 0,.*/\1/p' $log)
[ "${count:-0}" -gt 0 ] || {
    cat $log
    echo "hosts/csharp: NUnit ran no test" >&2
    exit 1
}
echo "Mono: $count passed, 0 failed"

if [ ! -x bin/dotnet/dotnet ]; then
    echo "hosts/csharp: CoreCLR is not here (PyPI's dotnetcore2 has it for 64-bit x86 only): its tests did not run" >&2
    [ "${CI:-}" != true ]
    exit
fi
node ../adapters.mjs csharp-coreclr
printf 'CoreCLR: '
exec bin/dotnet/dotnet bin/tests.dll --expect "$count" "$@"
