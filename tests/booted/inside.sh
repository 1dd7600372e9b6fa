#!/bin/bash
# Runs inside the booted container, as root. Each check is a line `ok ...` or `FAILED ...`; the status says whether any failed.
set -u
export HOME=/root LANG=C PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
failed=0

# check NAME COMMAND...: the command has to succeed.
check() {
    local name=$1
    shift
    if "$@"; then echo "ok $name"; else echo "FAILED $name"; failed=1; fi
}

is_off() { [ "$(systemctl is-enabled "$1")" = disabled ] && [ "$(systemctl is-active "$1")" = inactive ]; }
timers() { systemctl list-timers --all --no-legend 'f2bctl-temporary-*' | wc -l; }
says() { local wanted=$1; shift; "$@" | tee /dev/stderr | grep -qF -- "$wanted"; }
ends_within() {
    local seconds=$1
    while [ "$seconds" -gt 0 ]; do
        f2bctl -H lab temp list | grep -q 'no temporary entries' && return 0
        sleep 1
        seconds=$((seconds - 1))
    done
    return 1
}

check "the demonstration installs what it needs and passes" f2bctl lab demo --install
for unit in ssh.service fail2ban.service; do
    check "$unit is neither running nor enabled" is_off "$unit"
done
check "a rehearsal host starts" f2bctl lab up
check "a temporary entry is ended by a timer" \
    says "A systemd timer on the host ends temporary entries." f2bctl -H lab temp add 192.0.2.77 --for 1m --yes
check "systemd has the timer" test "$(timers)" = 1
check "the entry ends by itself" ends_within 90
check "it is whitelisted no more" says "is not whitelisted" f2bctl -H lab whitelist check 192.0.2.77
check "its end is in the history" says "Ended the temporary entry 192.0.2.77" f2bctl -H lab history
check "the timer is gone" test "$(timers)" = 0
check "an entry that is kept" f2bctl -H lab temp add 192.0.2.78 --for 1m --yes
check "becomes a customer's" f2bctl -H lab temp keep 192.0.2.78 --customer "Blue Lotus Hotels" --yes
sleep 65
check "and the timer leaves it alone" says "is whitelisted in every jail" f2bctl -H lab whitelist check 192.0.2.78
check "the audit log is whole" f2bctl -H lab audit verify
check "the rehearsal host ends" f2bctl lab down
exit $failed
