#!/usr/bin/env bash
# The pages as people meet them, in a real Chromium. Installs Debian's when there is none and we may.
set -euo pipefail
if ! command -v chromium >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null
  else
    echo "test:browser needs chromium (Debian: apt-get install chromium)" >&2
    exit 1
  fi
fi
PHARMONICO_TEST_BROWSER=$(command -v chromium) npm run -s jest -- test/browser "$@"
