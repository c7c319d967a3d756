# ANCHOR: all
set -ex
cargo fmt --check
cargo build --quiet --locked --release --target wasm32-unknown-unknown -p finder
sh build.sh
npm pack --silent
cd app
npm install --silent ../finder-0.1.0.tgz vite@8.3.7
npx vite build --logLevel warn
node use.mjs
node --test --test-reporter=tap site.test.mjs
# ANCHOR_END: all
