#!/usr/bin/env bash
# Uses the package as a stranger: from an empty folder, with Maven, from a repository that is a folder.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
out=$root/target/packages/java
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'echo "hosts/java/test-package.sh: line $LINENO failed" >&2' ERR

proven() {
    echo "ok: $1"
}
sums() {
    (cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum)
}

./package.sh
clone=$tmp/clone
mkdir -p "$clone/target" "$clone/hosts/java/target"
(cd "$root" && git ls-files -z --cached --others --exclude-standard Cargo.toml CHANGELOG.md 'LICENSE-*' scripts/version.sh hosts/java |
    tar -c --null -T -) | tar -x -C "$clone"
ln -s "$root/target/modules" "$clone/target/modules"
ln -s "$here/target/lib" "$clone/hosts/java/target/lib"
(umask 077 && LC_ALL=C.UTF-8 "$clone/hosts/java/package.sh" >"$tmp/again")
diff <(sums "$out") <(sums "$clone/target/packages/java")
proven "built again in another folder, at another time, with another umask: the same bytes"

version=$(basename "$out"/io/github/everyhost/everyhost-signer/*)
jar=$out/io/github/everyhost/everyhost-signer/$version/everyhost-signer-$version.jar
if jar --list --file "$jar" | grep -vE '^(META-INF/(|MANIFEST.MF|README.md|CHANGELOG.md|LICENSE-(MIT|APACHE|THIRD-PARTY))|module-info.class|everyhost/signer/([A-Z][A-Za-z0-9$]*\.class|modules/[a-z-]*\.wasm))$'; then
    echo "that is in the jar, and should not be" >&2
    exit 1
fi
mkdir "$tmp/jar"
(cd "$tmp/jar" && jar --extract --file "$jar")
for module in signer-raw signer-lanes signer-lanes-relaxed verifier-lanes verifier-lanes-relaxed keys; do
    cmp "$tmp/jar/everyhost/signer/modules/$module.wasm" "$root/target/modules/$module.wasm"
done
proven "the jar has the wrapper, the six modules as they were built, and nothing of the kit"

mkdir "$tmp/pom"
cp "${jar%.jar}.pom" "$tmp/pom/pom.xml"
# The last version that Debian 12's Maven can run.
(cd "$tmp/pom" && command mvn --batch-mode --quiet -Dstyle.color=never org.kordamp.maven:pomchecker-maven-plugin:1.4.0:check-maven-central)
proven "pomchecker finds everything in the pom that Maven Central asks for"

project=$tmp/project
mkdir -p "$project/src/main/java"
cp package/test/Typed.java "$project/src/main/java"
sed -n '/^```java$/,/^```$/{/^```/d;p};/^```$/q' "$tmp/jar/META-INF/README.md" >"$project/src/main/java/Hello.java"
nimbus=$(sed -n 's|.*<nimbus.version>\(.*\)</nimbus.version>.*|\1|p' pom.xml)
sed "s|@version@|$version|; s|@repository@|file://$out|; s|@nimbus.version@|$nimbus|" package/test/pom.xml >"$project/pom.xml"
mvn() {
    # Its own local repository, or a package of yesterday might be found in it.
    (cd "$project" && command mvn --strict-checksums --batch-mode --no-transfer-progress -Dstyle.color=never \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dmaven.repo.local="$tmp/repository" "$@")
}
mvn compile dependency:copy-dependencies
proven "Maven takes it from a repository, checksums and all, and javac -Xlint:all -Werror has nothing to say of its use"

cd "$project"
java -cp "target/classes:target/dependency/*" Hello >"$tmp/hello"
[ "$(sed -n 1p "$tmp/hello")" = true ]
grep -qxE 'eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}' "$tmp/hello"
proven "the README's own program signs and verifies, and makes a token"
java -p target/dependency --add-modules everyhost.signer -cp target/classes Hello | grep -qx true
proven "so it does as a Java module, which names what it needs of Endive"
java -cp "target/classes:target/dependency/*" Typed endive
proven "on Endive: a token that nimbus-jose-jwt verifies, a key written and read again, many signed and verified by signer-raw"
libraries=$(find "$here/target/lib" -name '*.jar' ! -name 'asm*' ! -name 'runtime-1*' ! -name 'compiler-1*' -printf '%p:')
"$here/target/graalwasm/bin/java" -cp "target/classes:$jar:$libraries" Typed graalwasm
proven "on GraalWasm, with nothing of Endive on the class path: the same, and the lanes sign and verify"
