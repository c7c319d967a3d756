# ANCHOR: all
bytes() {
  cargo rustc --quiet --release --crate-type cdylib --target wasm32-unknown-unknown "$@"
  wc -c < target/wasm32-unknown-unknown/release/token_signer.wasm
}
# Cargo's defaults without the profile.
lto='--config profile.release.lto=false'
level='--config profile.release.opt-level=3'
strip='--config profile.release.strip="debuginfo"'
echo "all of them $(bytes)"
echo "all but lto $(bytes $lto)"
echo "all but opt-level $(bytes $level)"
echo "all but strip $(bytes $strip)"
# ANCHOR_END: all
