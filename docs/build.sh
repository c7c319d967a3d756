#!/usr/bin/env bash
# Builds the book to target/book, with what its live parts load beside it. Installs mdBook under target/tools where it is not
# there, or is another version: from crates.io, which takes a minute or two, once.
#
#   build.sh [setup]    setup: only see that mdBook is there
#
# BOOK_REPOSITORY=https://github.com/OWNER/NAME gives each page a link to its source and one to edit it. In a workflow on GitHub
# it is that repository, and nothing has to be set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=0.5.4 # npm's mdbook is something else
mdbook=target/tools/bin/mdbook

if [ "$("$mdbook" --version 2>/dev/null || true)" != "mdbook v$version" ]; then
  echo "book: installing mdbook $version under target/tools"
  # Not optimized: that takes longer than all the books that it will build.
  CARGO_PROFILE_DEV_DEBUG=false cargo install --locked --quiet --force --debug "mdbook@$version" --no-default-features --features search \
    --root target/tools
fi
[ "${1:-}" != setup ] || exit 0

repository=${BOOK_REPOSITORY:-${GITHUB_REPOSITORY:+${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY}}
if [ -n "$repository" ]; then
  export MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL=$repository
  export MDBOOK_OUTPUT__HTML__EDIT_URL_TEMPLATE=$repository/edit/${GITHUB_REF_NAME:-main}/docs/{path}
fi

# Written beside the old one, so that what is being read is never half a book.
rm -rf target/book.new
MDBOOK_LOG=${MDBOOK_LOG:-warn} "$mdbook" build docs --dest-dir "$PWD/target/book.new"
docs/live/install.sh target/book.new
rm -rf target/book
mv target/book.new target/book
echo "book: target/book/index.html"
