#!/usr/bin/env bash
# Makes the EPUB of target/book, and has EPUBCheck look at it: an error or a warning is red. Needs Java and Maven, which fetches
# EPUBCheck (35 MB) once, to target/tools/epubcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
here=docs/tool/epubcheck
jars=target/tools/epubcheck
for tool in java mvn; do
  command -v $tool >/dev/null ||
    { echo "$here: $tool was not found. On Debian: apt-get install --no-install-recommends openjdk-17-jdk-headless maven" >&2; exit 1; }
done

# The stamp is written last, so that a download that was cut short is done again.
if ! cmp -s $here/pom.xml $jars/pom.xml; then
  rm -rf $jars
  said=$(mvn --strict-checksums --quiet --batch-mode -Dstyle.color=never --file $here/pom.xml dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/$jars") || { echo "$said" >&2; exit 1; }
  cp $here/pom.xml $jars/pom.xml
fi
node docs/tool/main.mjs epub
said=$(java -cp "$jars/*" com.adobe.epubcheck.tool.Checker --failonwarnings target/everyhost.epub 2>&1) ||
  { echo "$said" | grep -E '^(FATAL|ERROR|WARNING|USAGE|Exception)|^\s+at ' | cut -c1-300 >&2; exit 1; }
echo "$said" | grep '^Messages:'
