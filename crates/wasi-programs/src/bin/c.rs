//! `wasi-c`: its `main` is in c/wasi.c, which the build script compiles and has linked in.

#![no_main]
