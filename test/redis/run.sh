#!/usr/bin/env bash
# The tests that touch queues, on a real Redis instead of PostgreSQL. Starts a server of its own on a free port;
# installs Debian's redis-server when there is none and we may.
set -euo pipefail
if ! command -v redis-server >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-server >/dev/null
  else
    echo "test:redis needs redis-server (Debian: apt-get install redis-server)" >&2
    exit 1
  fi
fi
folder=$(mktemp -d)
port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" --appendonly yes --save '' --maxmemory-policy noeviction \
  --daemonize no >"$folder/redis.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 50); do
  if node -e "require('node:net').connect($port,'127.0.0.1').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))"; then break; fi
  sleep 0.1
done
# What has no queue, or starts programs of its own, has been tested on PostgreSQL.
elsewhere='access-matrix|api-processes|application-alone|auth|bad-input|directory|methods|production-start|shutdown|.*-killed'
PHARMONICO_TEST_REDIS_URL="redis://127.0.0.1:$port" npm run -s jest -- test/integration/outbox.spec.ts test/redis test/e2e \
  --testPathIgnorePatterns /node_modules/ "test/e2e/($elsewhere)\.e2e" "$@"
