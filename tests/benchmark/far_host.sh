# One host as an operator knows it, on this machine: the lab's fail2ban at its usual paths behind an sshd of its own.
# Usage (as root): unshare -m sh far_host.sh LAB PORT [ADDRESS]; it stays in the foreground and ends with its sshd.
# Boundary: the mounts below are private to the new mount namespace; the machine's own /etc, /var/lib and /root stay.
set -e
lab=$1
port=$2
address=${3:-127.0.0.1}
mount --make-rprivate /
mount --bind "$lab/etc/fail2ban" /etc/fail2ban
mount -t tmpfs -o mode=755 tmpfs /var/lib
# A login without the habits of whoever runs this: no shell start-up files of root's.
mount -t tmpfs -o mode=700 tmpfs /root
grep -v -e '^Port ' -e '^ListenAddress ' -e '^PidFile ' -e '^LogLevel ' "$lab/ssh/sshd_config" > "/root/sshd_config"
exec /usr/sbin/sshd -D -e -f /root/sshd_config -o Port="$port" -o ListenAddress="$address" -o PidFile=none \
    -o MaxStartups=500
