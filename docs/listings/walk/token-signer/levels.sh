# ANCHOR: all
for level in 3 '"s"' '"z"'; do
  cargo rustc --quiet --release --crate-type cdylib --target wasm32-unknown-unknown \
    --config "profile.release.opt-level=$level" --config 'profile.release.strip="none"'
  name=level-$(echo "$level" | tr -d '"').wasm
  node_modules/.bin/wasm-opt --converge -Oz \
    --strip-debug --strip-producers --strip-target-features \
    target/wasm32-unknown-unknown/release/token_signer.wasm -o "$name"
  zipped=$(gzip -9 -c "$name" | wc -c)
  echo "$name: $(wc -c < "$name") bytes, $zipped gzipped, $(node time.mjs "$name")"
done
# ANCHOR_END: all
