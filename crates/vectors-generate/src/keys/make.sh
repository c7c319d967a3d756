#!/usr/bin/env bash
# How the files here were made, with OpenSSL 3.0.19. New ones would have other keys, so nothing runs this.
set -euo pipefail
cd "$(dirname "$0")"

openssl genpkey -algorithm ed25519 -out ed25519.pem
openssl pkey -in ed25519.pem -outform DER -out ed25519.der
openssl pkey -in ed25519.pem -text -out ed25519-text.pem
openssl pkey -in ed25519.pem -pubout -out ed25519-public.pem
openssl pkey -in ed25519.pem -pubout -outform DER -out ed25519-public.der
openssl pkcs8 -topk8 -in ed25519.pem -passout pass:everyhost -out ed25519-encrypted.pem
openssl pkcs8 -topk8 -in ed25519.pem -passout pass:everyhost -outform DER -out ed25519-encrypted.der
openssl req -x509 -key ed25519.pem -subj /CN=everyhost -days 1 -out ed25519-certificate.pem

openssl genpkey -algorithm ed448 -out ed448.pem
openssl pkey -in ed448.pem -pubout -out ed448-public.pem
openssl genpkey -algorithm x25519 -out x25519.pem
openssl pkey -in x25519.pem -pubout -outform DER -out x25519-public.der
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.pem
openssl pkey -in p256.pem -pubout -out p256-public.pem
openssl ecparam -name prime256v1 -genkey -out p256-traditional.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa.pem
openssl pkcs8 -topk8 -nocrypt -in rsa.pem -outform DER -out rsa.der
openssl pkey -in rsa.pem -traditional -outform DER -out rsa-traditional.der
openssl pkey -in rsa.pem -pubout -out rsa-public.pem
openssl pkey -in rsa.pem -traditional -out rsa-traditional.pem
openssl rsa -in rsa.pem -traditional -aes128 -passout pass:everyhost -out rsa-traditional-encrypted.pem
openssl rsa -in rsa.pem -RSAPublicKey_out -out rsa-public-traditional.pem
rm rsa.pem
chmod 644 -- *.pem *.der
