"""What was approved, as the journal keeps it: a request with its operations, in the order in which they are done.

Requests of f2bctl up to 0.1 had no list of operations but a field for each kind; they are read as if they had one.
Boundary: what is done and undone for each kind is `operations`' to know.
"""

import base64
import hashlib

# The kinds that have a part in the running server.
SERVER_MOVES = ("reload", "start")
SERVER_KINDS = SERVER_MOVES + ("restart", "set_runtime", "lift_bans")


def of(request, *kinds):
    """The operations of these kinds, in their order."""
    return [operation for operation in request["operations"] if operation["kind"] in kinds]


def files(request):
    """The files that are replaced: [{path, content, before, after, attributes}], the hashes of before and after in hex."""
    return [file(operation) for operation in of(request, "replace_file")]


def file(operation):
    """One file of an operation; `content` is the new one in base64, None where the file goes."""
    before = operation["before_hash"] if "before_hash" in operation else _hash(operation["before"])
    return {"path": operation["path"], "content": operation["after"], "before": before,
            "after": _hash(operation["after"]), "attributes": operation.get("attributes")}


def _hash(content):
    return None if content is None else hashlib.sha256(base64.b64decode(content)).hexdigest()


def server_move(request):
    """`reload`, `start` or `none`."""
    moves = of(request, *SERVER_MOVES)
    return moves[0]["kind"] if moves else "none"


def has_part_in_server(request):
    """Whether something is done to the running server."""
    return bool(of(request, *SERVER_KINDS))


def backup_label(request):
    """The label of the backup, None where none is made."""
    backups = of(request, "backup")
    return backups[0]["label"] if backups else None


def register(request):
    """The register of temporary entries before and after, None where it stays."""
    found = of(request, "register_temporary")
    return found[0] if found else None


def settings(request):
    """The values that are set in running jails: [{jail, key, value}]."""
    return [setting for operation in of(request, "set_runtime") for setting in operation["settings"]]


def bans_to_lift(request):
    """[{network, jails}], jails None for all."""
    return [bans for operation in of(request, "lift_bans") for bans in operation["of"]]


def without_entries(request, ended):
    """Takes temporary entries that have ended since, {jail: entries}, out of the settings of running jails."""
    for operation in of(request, "set_runtime"):
        operation["settings"] = [setting for setting in operation["settings"]
                                 if setting["value"] not in ended.get(setting["jail"], ())]


def upgraded(request):
    """The request with a list of operations, also where an earlier f2bctl has written it."""
    if "operations" in request:
        return request
    found = []
    if request["backup"] is not None:
        found.append({"kind": "backup", "label": request["backup"]})
    for old in request["files"]:
        found.append({"kind": "replace_file", "path": old["path"], "after": old["content"],
                      "before_hash": old["before"], "attributes": old.get("attributes")})
    if request.get("temporary") is not None:
        found.append(dict(request["temporary"], kind="register_temporary"))
    if request["server"] != "none":
        found.append({"kind": request["server"]})
    found += [{"kind": "restart", "jail": jail} for jail in request["restart"]]
    if request["runtime"]:
        found.append({"kind": "set_runtime", "settings": request["runtime"]})
    if request["unban"]:
        found.append({"kind": "lift_bans", "of": request["unban"]})
    if request["sign"] is not None:
        found.append({"kind": "confirm", "seconds": request["sign"]["seconds"]})
    return dict(request, operations=found)
