# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_f2bctl_global_optspecs
    string join \n H/host= all-hosts inventory= fail-fast config= F/ssh-config= i/identity= J/jump= known-hosts= accept-new become connect-timeout= n/dry-run y/yes m/reason= ticket= with-drift start allow-wide allow-special allow-lockout no-input json color= q/quiet v/verbose h/help V/version
end

function __fish_f2bctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_f2bctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_f2bctl_using_subcommand
    set -l cmd (__fish_f2bctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c f2bctl -n "__fish_f2bctl_needs_command" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "status" -d 'Say whether the PBX is protected and whether a customer is banned; show jails, bans and the whitelist'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "onboard" -d 'Whitelist a customer\'s network: back up, add with its comment, reload, verify, lift its members\' bans'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "offboard" -d 'Take a customer\'s network off the whitelist, with its comment'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "whitelist" -d 'The register of customers'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "unban" -d 'Lift the bans of an address or network in every jail'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "temp" -d 'Whitelist entries that expire by themselves'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "tune" -d 'Set a threshold of a jail, within the runbook\'s limits'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "why" -d 'Say why an address, a network, a customer or an account is banned, or why not'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "regex" -d 'Try log lines against a jail or a filter with the host\'s own fail2ban-regex'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "recidive" -d 'The built-in jail that bans addresses which other jails ban again and again'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "watch" -d 'Follow bans, unbans and failures as they happen, with the customer\'s name beside the address'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "backup" -d 'Back up jail.local on the host'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "backups" -d 'The backups of jail.local on the host'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "split" -d 'Split the single asterisk jail into a strict and a lenient one, with their filters'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "rollback" -d 'Roll back to the single asterisk jail from before the split; the split\'s filters are kept in the journal'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "restore" -d 'Restore jail.local from a backup, with preflight and proof'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "undo" -d 'Undo a change of f2bctl: its files come back as they were before it'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "reload" -d 'Put the files on disk into force, with preflight and proof'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "start" -d 'Start a fail2ban that is down, with preflight and proof'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "doctor" -d 'Compare the host\'s files, running server, firewall and logs with the runbook'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "history" -d 'Who changed what, when and why'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "audit" -d 'The audit log'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "hosts" -d 'The hosts of the configuration'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "lab" -d 'The rehearsal host on this machine: a real sshd and a real fail2ban'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c f2bctl -n "__fish_f2bctl_needs_command" -f -a "help" -d 'Show the help of a command, or the flags of every command'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l format -d 'Print the state in another form: `openmetrics` for the textfile collector of a monitoring system' -r -f -a "openmetrics\t'OpenMetrics text'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l all -d 'Show every ban and whitelist entry; without it, lists longer than the screen (in a pipe: than 100) are summed up'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l names -d 'With --format: name the customers who are banned, with their addresses'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand status" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l jail -d 'Only in this jail, in a list of its own (may be given several times)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l customer -d 'The customer\'s name' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l note -d 'A note, e.g. "Primary uplink"' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l expires -d 'The last day on which the entry is needed, YYYY-MM-DD' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l review -d 'The day on which to review the entry, YYYY-MM-DD' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l reassign -d 'Take over an entry that belongs to another customer'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand onboard" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l customer -d 'Every entry of this customer, ignoring case; an unknown customer changes nothing (exit 0, with a warning)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l expired -d 'Every entry whose `expires` day has passed'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand offboard" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "list" -d 'List the entries: their customers, and the jails in which they are in force'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "check" -d 'Show whether each jail would ignore an address or a network, by fail2ban\'s own decision, and which entry decides it'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "review" -d 'Find whitelisted addresses that attack, come near a ban, have moved, are silent or shared; exit 8 if there are any'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "annotate" -d 'Write or change the comment of an entry; the entry itself stays as it is'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "adopt" -d 'Turn the free-text comments of a hand-kept file into lines of the register'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "lint" -d 'List what is wrong with the entries and their comments; exit 8 if there is anything'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "export" -d 'Write the register to stdout, for `import` or another program'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and not __fish_seen_subcommand_from list check review annotate adopt lint export import" -f -a "import" -d 'Whitelist every entry of a file, all in one change or none'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l since -d 'Look back so far' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l no-cache -d 'Read rotated logs again, although what they hold is kept on this machine'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from review" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l customer -d 'The customer\'s name' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l note -d 'A note, e.g. "Primary uplink"' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l expires -d 'The last day on which the entry is needed, YYYY-MM-DD' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l review -d 'The day on which to review the entry, YYYY-MM-DD' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l reassign -d 'Take over an entry that belongs to another customer'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from annotate" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l assign -d 'Give the customer of an entry, e.g. 203.0.113.0/28="Lotus Court Hotels"; may be given several times' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l clear-only -d 'Adopt what is clear and leave the rest, instead of refusing all of it'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from adopt" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l fix -d 'Make the certain repairs: stale lines, repeated entries, comments after entries, tabs'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from lint" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l format -d 'CSV with a heading, or a JSON list' -r -f -a "csv\t'Comma-separated values with a heading'
json\t'A JSON list of entries'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l reassign -d 'Take over entries that belong to other customers'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand whitelist; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l jail -d 'Only in this jail (may be given several times)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l grace -d 'Also whitelist it for a time, e.g. 30m, in the asterisk jails (or those of --jail); the host ends that by itself' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand unban" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -f -a "add" -d 'Whitelist an address in every asterisk jail (or those of --jail) for a time; the host ends it by itself'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -f -a "list" -d 'List the temporary entries with the time that is left'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -f -a "extend" -d 'Move the end of a temporary entry to a later time, never to an earlier one'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -f -a "remove" -d 'End a temporary entry now'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and not __fish_seen_subcommand_from add list extend remove keep" -f -a "keep" -d 'Turn a temporary entry into a customer\'s permanent one, as `onboard` does'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l for -d 'How long from now on, e.g. 45m, 12h or 2d; at most 7d' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l jail -d 'Only in this jail (may be given several times); without it in every jail whose name begins with `asterisk`' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l for -d 'How long from now on, e.g. 45m, 12h or 2d; at most 7d' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l jail -d 'Only in this jail (may be given several times); without it in every jail whose name begins with `asterisk`' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from extend" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from remove" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l customer -d 'The customer\'s name' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l note -d 'A note, e.g. "Primary uplink"' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l expires -d 'The last day on which the entry is needed, YYYY-MM-DD' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l review -d 'The day on which to review the entry, YYYY-MM-DD' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l reassign -d 'Take over an entry that belongs to another customer'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand temp; and __fish_seen_subcommand_from keep" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l since -d 'Judge it by what the jail found in this time, e.g. `14d`' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l force -d 'Set it also where a known customer would newly be banned; needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l review -d 'Compare earlier forecasts with what has happened since, and change nothing'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l no-cache -d 'Read rotated logs again, although what they hold is kept on this machine'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand tune" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l customer -d 'All networks of this customer in the register' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l since -d 'Only what was logged in this time, e.g. `2h` or `7d`; without it, all that there is' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l language -d 'The language of the reply' -r -f -a "en\t'English'
de\t'German'
hi\t'Hindi'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l expect -d 'Exit 8 if the verdict is another one than this' -r -f -a "fail2ban_down\t''
banned_but_reachable\t''
whitelisted_yet_banned\t''
banned_by_memory\t''
banned_by_hand\t''
banned_with_its_network\t''
banned\t''
blocked_without_ban\t''
account_taken\t''
guessed_from_many_addresses\t''
jail_counts_nothing\t''
date_unreadable\t''
jail_missing\t''
jail_reads_other_file\t''
counted_by_no_jail\t''
no_match\t''
whitelisted_but_shadowed\t''
whitelisted\t''
ignored_otherwise\t''
was_banned_lifted\t''
was_banned_expired\t''
below_threshold\t''
refused_by_asterisk\t''
lines_but_no_failure\t''
log_elsewhere\t''
beyond_horizon\t''
no_lines\t''
unknown\t''"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l file -d 'Read these files of your own machine instead of a host: what the lines say, without what fail2ban counts and bans' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l reply -d 'Print three sentences for the customer instead, without internals'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l explain -d 'Show all evidence, and the lines themselves with their places'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand why" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l line -d 'Try this line' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l log -d 'Try this log of the host instead of the jail\'s own; a compressed one (.gz, .bz2, .xz, .zst) is unpacked' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l file -d 'Try this file of this machine; `-` is stdin' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand regex" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -f -a "enable" -d 'Enable it, after checking what it needs; the plan shows who would be banned at once'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -f -a "disable" -d 'Disable it; jail.local gets its old bytes back'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and not __fish_seen_subcommand_from enable disable status" -f -a "status" -d 'Show whether it runs, what it needs and who is banned; exit 8 if it runs and something is missing'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from enable" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from disable" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand recidive; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l jail -d 'Only this running jail (may be given several times)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l customer -d 'Only addresses of this customer' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l ip -d 'Only this address, or those of this network' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l since -d 'Start at a time in the past: `30m`, `2d`, `10:15`, `2026-11-22`, `2026-11-22 10:15` (the host\'s time) or RFC 3339' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l exec -d 'Run a program of this machine for each ban of a customer, near_ban and drift, with the event as JSON on its stdin: without a shell or arguments, one at a time, for at most 30 s' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l customers -d 'Only customers, each with fail2ban\'s own count and the time to a ban at its rate; a count that comes to 60 % of a ban is an event of its own (near_ban), and so is an entry that is not in force (drift)'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand watch" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l label -d 'What the backup is for; becomes part of its name' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backup" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -f -a "list" -d 'List the backups, oldest first'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -f -a "show" -d 'Print a backup'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -f -a "diff" -d 'Show the differences between a backup and jail.local'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and not __fish_seen_subcommand_from list show diff prune" -f -a "prune" -d 'Move old backups into the journal; the newest one from before the split always stays'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l keep -d 'How many of the newest to keep, whatever their age' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l older-than -d 'Move only backups older than this, e.g. 90d' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand backups; and __fish_seen_subcommand_from prune" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand split" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l set-logpath -d 'The log that the single jail reads, if the backup names another one' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l carry-whitelist -d 'Keep whitelisted the customers that the backup does not have'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l drop-whitelist -d 'Use the whitelist of the backup'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand rollback" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand restore" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand undo" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand reload" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand start" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l explain -d 'Say what a finding means, how it is found and how it is fixed; no host is asked' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l customer -d 'Only changes about this customer' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l limit -d 'Show at most this many entries, the newest ones; 0 for all' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l markdown -d 'Print the runbook\'s History table'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand history" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and not __fish_seen_subcommand_from verify" -f -a "verify" -d 'Find altered, missing or reordered records, on the host and in the operator\'s own copy'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand hosts" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -f -a "up" -d 'Start it, and add it to the configuration as host `lab`'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -f -a "down" -d 'Stop it, and remove everything that belongs to it'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -f -a "status" -d 'Show whether it runs, and where'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and not __fish_seen_subcommand_from up down status demo" -f -a "demo" -d 'Run the daily jobs on it, with explanations: status, onboard, unban, offboard, rollback, undo, split'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l from -d 'Rehearse on a copy of this host\'s /etc/fail2ban (its log paths and actions are redirected into the lab)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l port -d 'sshd\'s port on 127.0.0.1; a free one by default' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l install -d 'Install the Debian packages that are missing (openssh-server, fail2ban), with sudo where needed'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l install -d 'Install the Debian packages that are missing (openssh-server, fail2ban), with sudo where needed'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l keep -d 'Leave the rehearsal host running afterwards'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand lab; and __fish_seen_subcommand_from demo" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s H -l host -d 'The host: NAME, `USER@ADDR[:PORT]` or @GROUP, several separated by commas; without it, the default host' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l inventory -d 'Take hosts and groups from an Ansible inventory as well: the JSON of `ansible-inventory --list`' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l config -d 'The configuration file instead of $XDG_CONFIG_HOME/f2bctl/config.toml' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s F -l ssh-config -d 'Read this instead of the usual ssh_config' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s i -l identity -d 'A private key to offer first' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s J -l jump -d 'Connect through this host (several separated by commas, nearest first)' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l known-hosts -d 'The operator\'s known_hosts file instead of the usual ones' -r -F
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l connect-timeout -d 'How long to wait for each step of connecting' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s m -l reason -d 'Why, for the audit log' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l ticket -d 'The ticket, for the audit log and the whitelist\'s comment' -r
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l all-hosts -d 'Every configured host'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l fail-fast -d 'Run several hosts one after the other and stop at the first that fails'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l accept-new -d 'Record the key of a host that is not known yet; a changed key is always refused'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l become -d 'Become root on the host through sudo'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s n -l dry-run -d 'Show the plan and change nothing, whatever else is given'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s y -l yes -d 'Approve the plan beforehand and answer every question with yes'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l with-drift -d 'Also put into force edits made outside f2bctl and not reloaded'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l start -d 'Start fail2ban if it is down, in the same transaction'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l allow-wide -d 'Take networks wider than the policy\'s limit (down to /20, IPv6 /44); needs --reason'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l allow-special -d 'Take private, shared, loopback, link-local, multicast and documentation ranges'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l allow-lockout -d 'Allow a change that leaves your own address bannable or banned'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l no-input -d 'Never ask, even on a terminal'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -l json -d 'One JSON document on stdout'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s q -l quiet -d 'Print only the result; for a change, one line'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s v -l verbose -d 'Print more: every step, every value that is unknown'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2bctl -n "__fish_f2bctl_using_subcommand help" -s V -l version -d 'Print version'
