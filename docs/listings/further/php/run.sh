#!/bin/sh
# Makes a workspace in target/php whose one row is this adapter, and runs everything in it. Run it in the root of the repository.
set -eu
here=docs/listings/further/php
rm -rf target/php
mkdir -p target/php/hosts target/php/target
ln -s ../../../hosts/python target/php/hosts/python
ln -s ../../modules ../../pkg target/php/target
ln -s ../../crates ../../vectors "../../$here/adapter.php" target/php
cp "$here/hosts.toml" "$here/known-gaps.toml" target/php/hosts
exec target/debug/everyhost --root target/php run --strict --all
