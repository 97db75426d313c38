"""Every file of the data folder, for the data map. What stands beside them is not the hub's."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from hub.registry import HeldFile

LEDGER = "erasures.log"
REPLAY = "replay-erasures"
VERSION = "version"
HEAD = "audit.head"
BALLAST = "ballast"
FILES = (
    HeldFile(
        name="hub.db", purpose="The database (SQLite); its tables are listed apart",
        data_class="behaviour", kept="person", export="by its tables",
        erase="by its tables; freed pages are overwritten",
    ),
    HeldFile(
        name="hub.db-wal", purpose="The newest changes of the database",
        data_class="behaviour", kept="person", export="by its tables",
        erase="moved into hub.db and cut to nothing after each erasure",
    ),
    HeldFile(
        name="hub.db-shm", purpose="Index of the newest changes; holds no contents",
        data_class="technical", kept="technical", export="no", erase="no",
    ),
    HeldFile(
        name="hub.lock", purpose="Says which process has the folder open",
        data_class="technical", kept="technical", export="no", erase="no",
    ),
    HeldFile(
        name="secret.key", purpose="The hub's own key: seals secrets, signs links and receipts",
        data_class="secret", kept="workspace", export="no", erase="no",
    ),
    HeldFile(
        name="hub.toml", purpose="The settings",
        data_class="configuration", kept="workspace", export="no", erase="no",
    ),
    HeldFile(
        name=LEDGER, purpose="What was erased, so that an older backup does not bring it back",
        data_class="identifier", kept="proof", export="no",
        erase="no: keyed hashes and times only",
    ),
    HeldFile(
        name=HEAD, purpose="The end of the audit log, so that a cut is noticed",
        data_class="technical", kept="proof", export="no", erase="no",
    ),
    HeldFile(
        name="backup.pub", purpose="The open half of the key of backups; it opens none",
        data_class="configuration", kept="workspace", export="no", erase="no",
    ),
    HeldFile(
        name=BALLAST, purpose="Room that the hub gives up when the disk is full; holds nothing",
        data_class="technical", kept="technical", export="no", erase="no",
    ),
    HeldFile(
        name=VERSION, purpose="The version of Regulars that used the folder last",
        data_class="technical", kept="technical", export="no", erase="no",
    ),
    HeldFile(
        name=REPLAY, purpose=f"After a restore: {LEDGER} is carried out before the hub serves",
        data_class="technical", kept="technical", export="no", erase="no",
    ),
    HeldFile(
        name="import-scratch", purpose="A file being imported, sorted by order",
        data_class="order", kept="technical", export="no",
        erase="removed at the end of the import and at the start of the next one",
    ),
    HeldFile(
        name="*.errors.csv", purpose="Lines of an import that could not be read",
        data_class="contact", kept="technical", export="no",
        erase="lines that name the erased person are removed",
    ),
    HeldFile(
        name="lake", purpose="Sealed days of the log, a copy; not in a backup, made anew",
        data_class="behaviour", kept="behaviour", export="by the table log",
        erase="files that hold entries of the person are written anew, the old ones overwritten",
    ),
    HeldFile(
        name="snippets", purpose="Versions of the snippet that pages are pinned to; no data",
        data_class="technical", kept="workspace", export="no", erase="no",
    ),
    HeldFile(
        name="backups", purpose="Backups, encrypted",
        data_class="behaviour", kept="technical", export="no",
        erase=f"a restore carries out {LEDGER} again before it serves",
    ),
    HeldFile(
        name="*.backup*", purpose="Backups, encrypted",
        data_class="behaviour", kept="technical", export="no",
        erase=f"a restore carries out {LEDGER} again before it serves",
    ),
)  # fmt: skip


def undeclared(folder: Path) -> list[str]:
    """The names in a data folder that the data map does not know."""
    return sorted(
        file.name
        for file in folder.iterdir()
        if not any(fnmatch(file.name, known.name) for known in FILES)
    )
