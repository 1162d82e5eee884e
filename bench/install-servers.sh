#!/bin/sh
# The servers that some contenders of `npm run bench -- durable workflow` need, for Debian and its kin: Redis for
# BullMQ and PostgreSQL for DBOS. (Restate's server comes with its npm package.) Run it as root. The bench starts
# servers of its own in scratch folders, so the services that these packages bring are not started, and stay off.
set -eu

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update
apt-get install -y --no-install-recommends redis-server postgresql
for service in redis-server postgresql; do
  if [ -d /run/systemd/system ]; then systemctl disable --now "$service"; fi
done
