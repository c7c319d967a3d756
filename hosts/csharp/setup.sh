#!/bin/sh
# Gets the native library and CoreCLR from PyPI, and compiles everything to bin/ with Mono's compiler. Quick when nothing
# changed; safe to run at any time.
set -eu
cd "$(dirname "$0")"

apt="apt-get install --no-install-recommends"
debian="libnewtonsoft-json5.0-cil libnunit-framework2.6.3-cil mono-mcs mono-runtime nunit-console"
lib=/usr/lib/cli

need() { # need WHAT COMMAND…: the command tells whether it is installed
    what=$1
    shift
    "$@" >/dev/null 2>&1 || {
        echo "hosts/csharp: $what is missing. On Debian: $apt python3-venv $debian" >&2
        exit 1
    }
}
# Each stamp is written last, so that what was cut short is done again. The path is part of it because a venv does not
# survive being moved.
wanted=$( (pwd; python3 --version; cat requirements.txt) | cksum)
if [ "$(cat .venv/stamp 2>/dev/null)" != "$wanted" ]; then
    need "Python 3 with venv" python3 -c 'import ensurepip, venv'
    echo "hosts/csharp: setting up .venv"
    rm -rf bin
    python3 -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
    echo "$wanted" >.venv/stamp
fi

built=$( (pwd; cat setup.sh .venv/stamp runtimeconfig.json EveryhostSigner/*.cs conformance/*.cs conformance/*/*.cs example/*.cs tests/*.cs) | cksum)
[ "$(cat bin/stamp 2>/dev/null)" = "$built" ] && exit 0
need "Mono" command -v mono
need "Mono's compiler, mcs," command -v mcs
need "Json.NET" test -f $lib/Newtonsoft.Json-5.0/Newtonsoft.Json.dll
need "NUnit" test -f $lib/nunit.framework-2.6.3/nunit.framework.dll
echo "hosts/csharp: compiling"
rm -rf bin
mkdir bin
# .NET looks for the native library beside the program, by the platform's usual name for it.
for found in "$PWD"/.venv/lib/python3*/site-packages/wasmtime/*/_libwasmtime.*; do
    ln -s "$found" "bin/${found##*/_}"
done
# The package has CoreCLR for 64-bit x86 only.
for found in "$PWD"/.venv/lib/python3*/site-packages/dotnetcore2/bin; do
    [ -x "$found/dotnet" ] && ln -s "$found" bin/dotnet
done
.venv/bin/python -c 'import importlib.metadata as m; print(m.version("wasmtime"))' >bin/libwasmtime.version
cp $lib/Newtonsoft.Json-5.0/Newtonsoft.Json.dll $lib/nunit.framework-2.6.3/nunit.framework.dll bin

compile() { # compile FOLDER TARGET REFERENCE…
    folder=$1
    name=${folder##*/}
    target=$2
    shift 2
    references=
    for reference in "$@"; do references="$references -reference:$reference"; done
    # So that a public member of the library without its comment is an error.
    [ "$target" = library ] && references="$references -doc:bin/$name.xml"
    # shellcheck disable=SC2086 # several words, and none with a blank
    mcs -nologo -langversion:7 -warn:4 -warnaserror -debug -target:"$target" -out:"bin/$name.dll" \
        -lib:bin $references "$folder"/*.cs conformance/Internals.cs
    [ "$target" = library ] || cp runtimeconfig.json "bin/$name.runtimeconfig.json"
}
compile EveryhostSigner library
compile example exe EveryhostSigner.dll Newtonsoft.Json.dll
compile conformance/adapter exe EveryhostSigner.dll example.dll Newtonsoft.Json.dll
compile conformance/bench exe EveryhostSigner.dll example.dll adapter.dll Newtonsoft.Json.dll
compile tests exe EveryhostSigner.dll Newtonsoft.Json.dll nunit.framework.dll adapter.dll example.dll System.Numerics.dll
echo "$built" >bin/stamp
