#!/bin/sh
# sh shop_test.sh: an integration tried from the shell, against a double of its own.
set -eu
folder=$(mktemp -d)
mockserver serve --port 0 --quiet --ready-file "$folder/ready.json" >/dev/null &
double=$!
trap 'kill $double; wait $double; rm -r "$folder"' EXIT
until [ -s "$folder/ready.json" ]; do kill -0 $double; sleep 0.05; done

# Take one member of pretty-printed JSON: `member url < file`.
member() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" | head -n 1; }
url=$(member url < "$folder/ready.json")
control() { curl -sS --fail-with-body -H "X-Mock-Tenant: ${tenant:-}" "$url/_mock/v1$@"; }
check() { if [ "$2" = "$3" ]; then echo "ok: $1"; else echo "not ok: $1: expected $3, seen $2" >&2; exit 1; fi; }

control /tenants -d '{"start": "2026-03-01T10:00:00Z"}' > "$folder/tenant.json"
key=$(member keywebsite < "$folder/tenant.json")
tenant=$(member id < "$folder/tenant.json")

link=$(curl -sS "$url/invitation/create" -d keywebsite="$key" -d email=anna@example.com -d webhook=https://shop.example/hook)
check "the shop gets a link" "${link%%\?*}" "$(control /securating/websites | member url)"

control /clock/advance -d '{"days": 6}' > /dev/null
check "the mail left after six days" "$(control '/outbox?to=anna@example.com' | member at)" 2026-03-07T10:00:00Z
check "the webhook is owed its second step" "$(control '/webhooks?after=1' | member step)" mail-send
check "it stayed on this machine" "$(control '/webhooks?after=1' | member reason)" "shop.example is not on this machine"
