need wabt command wasm2c
need libjansson-dev header jansson.h
need libssl-dev header openssl/evp.h
need "python3 python3-venv" command python3
need check header check.h
need clang-format command clang-format
need cmake command cmake
need pkg-config command pkg-config
need openssl command openssl
