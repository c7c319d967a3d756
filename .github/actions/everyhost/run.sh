#!/usr/bin/env bash
# The step of action.yml: installs the tool, runs it and shows what it printed in the job's summary. Ends as the tool does.
set -euo pipefail
report=${EVERYHOST_REPORT:-everyhost-report}
venv=$RUNNER_TEMP/everyhost

python3 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "${EVERYHOST_PACKAGE:-everyhost}"

words=(run --strict "--report=$report")
[ -z "${EVERYHOST_VECTORS:-}" ] || words+=("--vectors=$EVERYHOST_VECTORS")
[ -z "${EVERYHOST_HOSTS:-}" ] || words+=("--host=$EVERYHOST_HOSTS")
while IFS= read -r module; do
  [ -z "$module" ] || words+=("--module=$module")
done <<<"${EVERYHOST_MODULE:-}"

echo "report=$report" >>"$GITHUB_OUTPUT"
status=0
"$venv/bin/everyhost" "${words[@]}" | tee "$RUNNER_TEMP/everyhost.txt" || status=$?
{
  echo '### everyhost'
  # Indented, nothing in it can end the block.
  sed 's/^/    /' "$RUNNER_TEMP/everyhost.txt"
} >>"$GITHUB_STEP_SUMMARY"
exit $status
