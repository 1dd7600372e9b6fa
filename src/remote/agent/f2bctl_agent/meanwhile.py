"""Recovers the running server after a change that was interrupted, where others may have worked on the host since.

    before (live.json) + wanted (request.json) + now (the server) -> meant: what only this change has changed goes back,
    what is neither as before nor as wanted was changed outside f2bctl: it stays and is reported

Boundary: for a later run. A change that fails and undoes itself under its own lock compares with all that was before.
"""

from f2bctl_agent import bans, configuration, control, ending, journal, loadable, proof, rehearse, requests, restoring
from f2bctl_agent import confirmation, revert, temporary

# The phases in which a reload may have dropped what the change was about to set again at run time.
DROPPING = ("reloading", "reloaded", "undoing")
# The phases in which a reload may have failed or ended half way: a jail that it had begun is as nobody has meant it.
HALF = ("reloading", "undoing")


class Since:
    """What a recovery finds: `others` are the sentences about what it left alone."""

    def __init__(self, host, change, phase):
        self.host = host
        self.change = change
        self.phase = phase
        self.others = []
        self.disk = None

    def restore_server(self, host, change, request, force):
        """Stands in for `revert.restore_server`: brings back what this change took away, and no more."""
        live = change.read_json("live.json")
        temporary.without_ended(live["jails"], temporary.ended_since(live))
        if not live["running"]:
            return self.keep_running(request)
        control.refuse_hanging(host)
        started = not control.is_running(host)
        if started:
            revert.start(host, live["jails"], request)
            self.others.append("fail2ban was not running (it died or was stopped) and was started")
        # What fail2ban still restores was not lifted by anybody.
        restoring.wait(host, change.tell)
        now = proof.look(host["config_dir"])[0]
        wanted = request["expected"] if request["expected"] is not None else live["jails"]
        jails = {}
        for name in sorted(set(live["jails"]) | set(now)):
            meant = self.jail(name, live["jails"].get(name), wanted.get(name), now.get(name), request, force, started)
            if meant is not None:
                jails[name] = meant
        standing = {name: self.bans(name, live["jails"].get(name), wanted.get(name), now.get(name), request)
                    for name in jails}
        meant = proof.Meant(jails, standing, live["chains"], before=live["jails"], between=request["expected"])
        return revert.bring_back(host, change, request, meant, force)

    def keep_running(self, request):
        """A server that this change has started goes on: the host would be without protection."""
        if requests.server_move(request) == "start" and control.is_running(self.host):
            if journal.paths(request):
                why = loadable.trouble(self.host, ())
                if why is not None:
                    return ["fail2ban runs with the change's files, and refuses those on disk now: %s" % why]
                control.reload(self.host)
            self.others.append("fail2ban, which did not run before, was left running")
        return []

    def configured(self):
        """What the configuration on disk would set up: (the jails, {(jail, network)} of the whitelist)."""
        if self.disk is None:
            stream = rehearse.parse(control.client(self.host, "-d"))[0]
            self.disk = {command[1] for command in stream if command[0] == "add"}, ending.whitelisted(stream)
        return self.disk

    def jail(self, name, before, wanted, now, request, foreign_files, started):
        """One jail as it is meant to run, or None."""
        if now is None:
            if name not in self.configured()[0]:
                self.others.append("jail %s is gone, and the configuration does not have it any more" % name)
            elif started or wanted is None or self.may_have_dropped(request):
                return before
            else:
                self.others.append("jail %s was stopped" % name)
            return None
        if before is None:
            # A change without files put into force the files on disk: it is no external edit.
            if wanted is None or (journal.paths(request) and name in self.configured()[0]):
                self.others.append("jail %s runs now" % name)
                return now
            return None
        if started and not self.has_foreign_files(request):
            return before
        wanted = wanted or before
        if self.phase in HALF and not self.has_foreign_files(request):
            return dict(before, values=dict(before["values"], ignoreip=self.whole(name, before, wanted, now)))
        dropped = {(item["key"], item["value"]) for item in requests.settings(request)
                   if item["jail"] == name and (started or self.phase in DROPPING)}
        values = self.values(name, before["values"], wanted["values"], now["values"], {key for key, _ in dropped})
        given = self.configured()[1] if foreign_files else ()
        again = {value for key, value in dropped if key == "addignoreip"}
        values["ignoreip"] = self.entries(name, [part["values"].get("ignoreip", []) for part in (before, wanted, now)],
                                          again, given)
        return {"values": values, "actions": self.actions(name, before, wanted, now)}

    def may_have_dropped(self, request):
        """Whether this change, or an undo of it, may have lost a jail in a reload or a restart that it wanted to
        keep."""
        if self.phase == "undoing":
            return True
        return requests.server_move(request) != "none" and self.phase not in ("replacing", "replaced")

    def has_foreign_files(self, request):
        """Whether others have edited what fail2ban reads, so that one which was started again runs by their files."""
        return configuration.fingerprint(self.host["config_dir"]) != request["expect"]["files"]

    def values(self, name, before, wanted, now, dropped):
        """The values but the whitelist: one goes back where this change has set it, or its reload has lost it.

        An undo gives a jail another bantime for as long as it bans again; one that was killed has left it there.
        """
        if self.phase == "undoing":
            dropped = dropped | {"bantime"}
        meant = dict(now)
        for key in sorted(now):
            then = before.get(key)
            if key == "ignoreip" or then is None or now[key] == then:
                continue
            if (wanted.get(key, then) != then and now[key] == wanted[key]) or key in dropped:
                meant[key] = then
            else:
                self.others.append("jail %s: %s is %s" % (name, key, now[key]))
        return meant

    def entries(self, name, lists, again, given):
        """The whitelist, entry by entry; what an externally edited file gives stays in force."""
        before, wanted, now = (set(of_them) for of_them in lists)
        away = {entry for entry in wanted - before if (name, ending.network(entry)) not in given}
        self.others += ["jail %s: %s is whitelisted" % (name, entry) for entry in sorted(now - before - wanted)]
        self.others += ["jail %s: %s is not whitelisted any more" % (name, entry)
                        for entry in sorted((before & wanted) - now - again)]
        return sorted((now - away) | (before - wanted) | (before & again))

    def whole(self, name, before, wanted, now):
        """All of the whitelist as before, and what others have added: no reload, whole or half, makes up an entry."""
        before, wanted, now = (set(part["values"].get("ignoreip", [])) for part in (before, wanted, now))
        added = sorted(now - before - wanted)
        self.others += ["jail %s: %s is whitelisted" % (name, entry) for entry in added]
        return sorted(before) + added

    def actions(self, name, before, wanted, now):
        """The actions: all as before where they are as this change wanted them, else as they are."""
        if alike(before, now):
            return now["actions"]
        if not alike(wanted, before) and alike(wanted, now):
            return before["actions"]
        self.others.append("jail %s has other actions" % name)
        return now["actions"]

    def bans(self, name, before, wanted, now, request):
        """The bans: the present ones, and of those before the ones that this change lifted or a reload has lost."""
        meant = {ban["ip"]: ban for ban in (now or {"bans": []})["bans"]}
        before = before or {"bans": [], "values": {}}
        moved = wanted is not None and wanted["values"].get("bantime") != before["values"].get("bantime")
        missing = []
        for ban in filter(proof.due, before["bans"]):
            if ban["ip"] not in meant:
                missing.append(ban)
            elif moved and meant[ban["ip"]]["since"] == ban["since"]:
                meant[ban["ip"]] = ban
        known = bans.remembered(self.host, name) if missing else ()
        lifted = []
        for ban in missing:
            # Without fail2ban's database it is unknown who has lifted a ban.
            if known is None or ban["ip"] in known or self.has_lifted(name, ban, request):
                meant[ban["ip"]] = ban
            else:
                lifted.append(ban["ip"])
        if lifted:
            self.others.append("jail %s: the ban of %s was lifted" % (name, restoring.some(lifted)))
        return list(meant.values())

    def standing(self, name, before, request):
        """Of the bans before, those that a change which is finished now must still find."""
        now = proof.look(self.host["config_dir"])[0].get(name, {"bans": []})
        there = {ban["ip"] for ban in now["bans"]} | set(bans.remembered(self.host, name) or ())
        return [ban for ban in before if ban["ip"] in there and not self.has_lifted(name, ban, request)]

    def has_lifted(self, name, ban, request):
        """Whether this change had come to lifting bans, and this is one of those."""
        wishes = requests.bans_to_lift(request) if self.change.has_kept_bans() else []
        return any((wish["jails"] is None or name in wish["jails"]) and proof.members([ban], wish["network"])
                   for wish in wishes)


def alike(meant, now):
    """Whether a jail has the actions that are meant."""
    found = proof.settings_problems(dict(meant, values={}), dict(now, values={}))
    return not found


def proven_start(conversation, change, request):
    """The rows of the proof where a start that was interrupted has come to all that was approved, else None.

    Where it was to wait for a confirmation, this login is one, as long as nobody has banned its address.
    """
    host = change.host
    if requests.server_move(request) != "start" or request["expected"] is None:
        return None
    before = {file["path"]: file for file in change.read_json("before.json")}
    for file in requests.files(request):
        path = configuration.inside(host["config_dir"], file["path"])
        if revert.file_state(path, before[file["path"]], file) != "after":
            return None
    if not control.is_running(host):
        return None
    rows, problems = proof.wait(host["config_dir"], proof.Meant(request["expected"], {}, {}), revert.PROOF_SECONDS)
    if problems or bans.would_lift(host, requests.bans_to_lift(request)):
        return None
    try:
        if request["sign"] is not None:
            confirmation.refuse_banned(conversation, change)
    except confirmation.NotConfirmed:
        return None
    return rows
