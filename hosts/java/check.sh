#!/bin/sh
# Every check of the Java host: formatting (google-java-format), lints (javac, Error Prone), the example, the
# adapters, tests.
# Arguments go to Maven: `check.sh -Dtest=SignerTest`.
set -eu
cd "$(dirname "$0")"
if [ ! -x target/graalwasm/bin/java ] || [ ! -f target/host-java.jar ]; then
    echo "hosts/java: it is not set up, or there is no Java for GraalWasm; set it up with: hosts/java/setup.sh" >&2
    exit 1
fi
mvn() {
    # Not --quiet, which would hide the warnings that are errors here.
    command mvn --strict-checksums --batch-mode --no-transfer-progress -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Pcheck "$@"
}
node ../examples.mjs java
node ../adapters.mjs java-endive java-endive-interpreter java-graalwasm oracle-jdk
mvn test "$@"
# The same tests on GraalWasm, whose Java is another one.
mvn surefire:test -Druntime=graalwasm -Djvm="$PWD/target/graalwasm/bin/java" "$@"
