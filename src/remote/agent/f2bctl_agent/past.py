"""The changes that were made and could be undone, as the journal has them."""

import base64
import os

from f2bctl_agent import configuration, journal, requests

# How much of the past an undo gets.
LARGEST = 16 * 1024 * 1024
MOST = 200


def observe(host):
    """Changes that were made, newest first, with each of their files before, after and now.

    Their order is that of the host's own audit log: a name begins with the time of its operator's machine, which may be
    wrong.
    """
    made = _made(host)
    found, size, left_out = [], 0, 0
    for change in made:
        if size > LARGEST or len(found) >= MOST:
            left_out += 1
            continue
        found_change = _described(change)
        size += sum(len(file["before"] or "") + len(file["after"] or "") for file in found_change["files"])
        found.append(found_change)
    paths = sorted({file["path"] for change in found for file in change["files"]})
    now = [dict(configuration.describe_file(os.path.join(host["config_dir"], path)), path=path) for path in paths]
    return {"changes": found, "now": now, "left_out": left_out}


def latest(host):
    """{id, ended, operator, command, content} of the newest change that wrote jail.local, or None."""
    for change in _made(host):
        described = _described(change)
        for file in described.pop("files"):
            if file["path"] == "jail.local":
                return dict(described, content=file["after"])
    return None


def _made(host):
    """The changes that were made, newest first."""
    folder = os.path.join(host["state_dir"], "changes")
    try:
        made = [journal.Change(host, name) for name in sorted(os.listdir(folder))]
    except FileNotFoundError:
        made = []
    made = [change for change in made if change.current_phase() == "done"]
    return sorted(made, key=_place_in_log, reverse=True)


def _described(change):
    request = change.request()
    before = {file["path"]: file for file in change.read_json("before.json")}
    files = []
    for file in requests.files(request):
        was = before[file["path"]]
        image = base64.b64encode(change.image(was["image"])).decode("ascii") if was["exists"] else None
        attributes = {key: int(was[key]) for key in ("mode", "uid", "gid", "modified")} if was["exists"] else None
        if attributes is not None:
            attributes["extended"] = was.get("extended", {})
        files.append({"path": file["path"], "before": image, "after": file["content"], "attributes": attributes})
    return {
        "id": change.identifier, "ended": os.stat(os.path.join(change.folder, "phase")).st_mtime,
        "operator": request["audit"].get("operator"), "command": request["audit"].get("command"),
        "undoes": request.get("undoes"), "files": files,
    }


def _place_in_log(change):
    """The number of the record of its end; 0 where that was not kept."""
    recorded = (change.result() or {}).get("audit") or {}
    return recorded.get("sequence", 0)
