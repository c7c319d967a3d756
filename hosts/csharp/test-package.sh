#!/usr/bin/env bash
# Uses the NuGet package as a stranger would: in an empty folder, with nothing else of ours. Each line says what was shown.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
shown() { echo "ok: $1"; }
fail() { echo "hosts/csharp/test-package.sh: $1" >&2; exit 1; }
block() { # block N FILE: the N-th block of C# in a page
    awk -v wanted="$1" '/^```csharp$/ { n++; next } /^```$/ { inside = 0; if (n == wanted) exit; next } n == wanted' "$2"
}
compile() { mcs -nologo -langversion:7.2 -warn:4 -warnaserror -lib:. -reference:EveryhostSigner.dll -out:"$1.exe" "$1.cs"; }

command -v openssl >/dev/null || fail "openssl was not found. On Debian: apt-get install --no-install-recommends openssl"
./package.sh
package=$(echo "$root"/target/packages/csharp/*.nupkg)
[ -f "$package" ] || fail "expected one package, found: $package"

# A clone elsewhere: what the package is made of, and nothing that was built but the modules.
mkdir -p "$empty/a clone"/{hosts/csharp,scripts,target/modules}
cp "$root"/{Cargo.toml,CHANGELOG.md,LICENSE-*} "$empty/a clone"
cp "$root/scripts/version.sh" "$empty/a clone/scripts"
cp -R package package.sh requirements.txt EveryhostSigner "$empty/a clone/hosts/csharp"
cp "$root"/target/modules/*.wasm "$empty/a clone/target/modules"
sleep 1 # another second
"$empty/a clone/hosts/csharp/package.sh" >/dev/null
cmp "$package" "$empty/a clone/target/packages/csharp/${package##*/}" || fail "another build has other bytes"
shown "two builds are the same bytes: $(sha256sum <"$package" | cut -c 1-16)"

mkdir "$empty/app"
cd "$empty/app"
python3 -I -m zipfile -e "$package" unpacked
find unpacked -type f | grep -Ev '^unpacked/(lib/netstandard2.0/EveryhostSigner.(dll|xml)|EveryhostSigner.nuspec|README.md|CHANGELOG.md|LICENSE-(MIT|APACHE|THIRD-PARTY)|\[Content_Types\].xml|_rels/.rels)$' &&
    fail "the package has files that it should not have"
shown "nothing of the kit and no tests are inside"
python3 -I - "$package" <<'END'
import re, sys, xml.etree.ElementTree as xml, zipfile
package = zipfile.ZipFile(sys.argv[1])
namespace = "{http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd}"
nuspec = {one.tag.removeprefix(namespace): one for one in xml.fromstring(package.read("EveryhostSigner.nuspec"))[0]}
for name in ("id", "version", "authors", "description"):  # what NuGet requires
    assert (nuspec[name].text or "").strip(), name
assert re.fullmatch(r"\d+\.\d+\.\d+", nuspec["version"].text)
assert sys.argv[1].endswith(f"/{nuspec['id'].text}.{nuspec['version'].text}.nupkg")
assert nuspec["license"].get("type") == "expression" and nuspec["license"].text == "MIT OR Apache-2.0"
assert nuspec["readme"].text in package.namelist(), "the page that is shown"
types = xml.fromstring(package.read("[Content_Types].xml"))
endings = {one.get("Extension") for one in types} | {one.get("PartName") for one in types}
for name in set(package.namelist()) - {"[Content_Types].xml"}:
    assert name.rpartition(".")[2] in endings or "/" + name in endings, f"no type for {name}"
for name in package.namelist():
    assert b"/home/" not in package.read(name) and b"/work/" not in package.read(name), f"a path in {name}"
    assert b"@" + b"VERSION@" not in package.read(name) and not re.search(rb"@[A-Z]+@", package.read(name)[:9000]), name
END
shown "the nuspec has what NuGet requires, and every part has a type"

cp unpacked/lib/netstandard2.0/* .
for found in "$here"/.venv/lib/python3*/site-packages/wasmtime/*/_libwasmtime.*; do cp "$found" "${found##*/_}"; done
block 1 unpacked/README.md >first.cs
compile first
[ "$(mono first.exe)" = True ] || fail "the README's program did not print True on Mono"
shown "the README's first program signs and verifies, on Mono"
if [ -x "$here/bin/dotnet/dotnet" ]; then
    cp "$here/runtimeconfig.json" first.runtimeconfig.json
    [ "$("$here/bin/dotnet/dotnet" exec first.exe)" = True ] || fail "the README's program did not print True on CoreCLR"
    shown "and on CoreCLR"
fi

cat >second.cs <<END
using System;
using System.Collections.Generic;
using System.IO;
using EveryhostSigner;
class Second
{
    static void Main()
    {
        var key = PrivateKey.Generate();
        $(block 2 unpacked/README.md)
        using (var signer = Signer.FromPrivateKey(Modules.Signer(), key, Modules.SignerBatches()))
        using (var verifier = new Verifier(Modules.Verifier()))
        {
            byte[] publicKey = signer.GetPublicKey();
            IReadOnlyList<byte[]> signatures = signer.SignMany(new[] { "one", "two" });
            IReadOnlyList<bool> verdicts = verifier.VerifyMany(new[] {
                new SignedMessage(publicKey, "one", signatures[0]), new SignedMessage(publicKey, "one", signatures[1]) });
            string token = signer.SignToken("{\"sub\":\"me\"}", "k1");
            File.WriteAllText("token", token);
            using (var keys = new Keys(Modules.Keys()))
            {
                File.WriteAllText("public.pem", keys.WritePublicKeyPem(publicKey));
                File.WriteAllText("private.pem", keys.WritePrivateKeyPem(key));
            }
            bool isKept = ReferenceEquals(Modules.Signer(), Modules.Signer());
            Console.WriteLine(string.Join(" ", verdicts[0], verdicts[1], signer.BatchModule, verifier.ModuleIndex, isKept));
        }
    }
}
END
compile second
# The lanes must have been used: they are the first of their lists that work here.
[ "$(mono second.exe | tail -n 1)" = "True False 0 0 True" ] || fail "the second program printed: $(mono second.exe | tail -n 1)"
shown "every module is found by name and used; the strictest warnings have nothing to say"
openssl pkey -in private.pem -pubout | cmp - public.pem || fail "OpenSSL reads another key"
python3 -I - <<'END'
import base64
head, claims, signature = open("token").read().split(".")
assert base64.urlsafe_b64decode(head + "==") == b'{"alg":"EdDSA","typ":"JWT","kid":"k1"}', head
open("signed", "w").write(f"{head}.{claims}")
open("signature", "wb").write(base64.urlsafe_b64decode(signature + "=="))
END
openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in signed -sigfile signature >/dev/null ||
    fail "OpenSSL finds the token's signature wrong"
shown "OpenSSL reads the key files, and finds the token right"

cat >wrong.cs <<END
class Wrong { static void Main() { new EveryhostSigner.Signer("signer-raw.wasm").Sign(5); } }
END
compile wrong >wrong.log 2>&1 && fail "a wrong type was compiled"
grep -q "CS150[23]" wrong.log || fail "expected an error of type, found: $(head -n 1 wrong.log)"
shown "a wrong type is an error of the compiler"
