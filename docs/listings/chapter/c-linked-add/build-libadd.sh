#!/bin/sh
# Makes libadd.a, with the two commands of the chapter.
set -eu
cd "$(dirname "$0")"
clang -Oz --target=wasm32 -Wl,--no-entry -nostdlib -o add.o add.c
llvm-ar rc libadd.a add.o
