#!/usr/bin/env bash
# Builds the package for Maven into target/packages/java, which is laid out as a repository: the wrapper with the modules
# inside, its sources, its documentation, its pom, and the checksums that Maven Central wants. The same sources give the same bytes.
set -euo pipefail
export LC_ALL=C TZ=UTC
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
modules="signer-raw signer-lanes signer-lanes-relaxed verifier-lanes verifier-lanes-relaxed keys"

fail() {
    echo "hosts/java/package.sh: $1" >&2
    exit 1
}

version=$("$root/scripts/version.sh")
date=$("$root/scripts/version.sh" date)
[ -d target/lib ] || fail "target/lib does not exist; make it with: hosts/java/setup.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
classes=$work/classes sources=$work/sources docs=$work/docs
mkdir -p "$classes/everyhost/signer/modules" "$sources"

# Everything that is in the pom and the README as @name@.
fill="s/@version@/$version/g"
for name in endive.version graalwasm.version; do
    fill+=";s/@$name@/$(sed -n "s|.*<$name>\(.*\)</$name>.*|\1|p" pom.xml)/g"
done
fill+=";s/@abi@/$(sed -n 's/.* ABI_VERSION = \([0-9]*\);/\1/p' signer/everyhost/signer/Signer.java)/g"
for name in $modules; do
    file=$root/target/modules/$name.wasm
    [ -f "$file" ] || fail "target/modules/$name.wasm does not exist; build it with: make modules"
    cp "$file" "$classes/everyhost/signer/modules"
    fill+=";s/@$name@/$(stat -c %s "$file" | sed 's/\(.*\)\(...\)$/\1,\2/')/g"
done

sed "$fill" package/pom.xml >"$work/pom"
sed "$fill" package/README.md >"$work/README.md"
if grep '@[a-z.-]*@' "$work/pom" "$work/README.md" >&2; then
    fail "nothing is known of what these lines have between two @"
fi

# Without the adder, whose module only teaches.
(cd signer && find . -name '*.java' ! -name 'Adder*' -exec cp --parents {} "$sources" \;)
cp package/module-info.java "$sources"
find "$sources" -name '*.java' | sort >"$work/files"
javac -encoding UTF-8 --release 17 -parameters -Xlint:all,-classfile -Werror -d "$classes" -p target/lib "@$work/files"
javadoc -encoding UTF-8 -docencoding UTF-8 -charset UTF-8 -quiet -notimestamp -Xdoclint:all,-missing -Werror --release 17 -windowtitle "everyhost-signer $version" \
    -d "$docs" -p target/lib "@$work/files"

out=$root/target/packages/java
rm -rf "$out"
name=everyhost-signer-$version
out=$out/io/github/everyhost/everyhost-signer/$version
mkdir -p "$out"
cp "$work/pom" "$out/$name.pom"
printf 'Implementation-Title: everyhost-signer\nImplementation-Version: %s\n' "$version" >"$work/manifest"
for kind in "" -sources -javadoc; do
    case $kind in
    "") folder=$classes ;;
    -sources) folder=$sources ;;
    -javadoc) folder=$docs ;;
    esac
    mkdir -p "$folder/META-INF"
    cp "$root"/LICENSE-* "$root/CHANGELOG.md" "$work/README.md" "$folder/META-INF"
    # By name, and without folders: the tool itself takes them in the order of the file system.
    (cd "$folder" && find . -type f -printf '%P\n' | sort >"$work/files" &&
        jar --create --file "$out/$name$kind.jar" --manifest "$work/manifest" --date "${date}T00:00:00Z" "@$work/files")
done
cd "$out"
for file in *; do
    for sum in md5 sha1; do
        "${sum}sum" "$file" | cut -d ' ' -f 1 | tr -d '\n' >"$file.$sum"
    done
    echo "$file $(stat -c %s "$file")"
done
