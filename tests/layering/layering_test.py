#!/usr/bin/env python3
"""Holds every #include against the table of docs/architecture.md.

Reads the table from the document itself, so that the two cannot differ. Run with
--self-test it proves on a made-up tree that a forbidden include is found.
"""
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
ROW = re.compile(r"^\| `([a-z_/]+)/?` \|.*\| ([^|]*) \|$")
GENERATED = {"chatgate/v1": "proto", "chatgate_wire": "proto", "grpc/health": "grpc"}


def allowed_rooms(document):
    """{room: set of rooms it may include} from the table's first and last column."""
    rooms = {}
    for line in document.splitlines():
        row = ROW.match(line)
        if row:
            words = row.group(2).replace("`", "").split(",")
            rooms[row.group(1).rstrip("/")] = {w.strip() for w in words} - {"-", ""}
    return rooms


def room_of(path, rooms):
    """The longest room that `path` lies in, or None."""
    fits = [room for room in rooms if path == room or path.startswith(room + "/")]
    return max(fits, key=len, default=None)


def violations(root, rooms):
    found = []
    for top in ("server", "webhook", "client"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cc") or not file.is_file():
                continue
            name = file.relative_to(root).as_posix()
            here = room_of(name, rooms)
            if here is None:
                found.append(f"{name}: lies in no room of the table")
                continue
            if "everything" in rooms[here]:
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                if not include:
                    continue
                target = include.group(1)
                there = next((room for prefix, room in GENERATED.items()
                              if target.startswith(prefix)), None)
                if there == "proto" and target.endswith(".grpc.pb.h"):
                    there = "grpc"
                if there is None:
                    there = room_of(target, rooms)
                if target.startswith("tests/"):
                    there = "tests"
                if there is None or there == here:
                    continue  # A library's header, or the room's own.
                if there not in rooms[here] and target not in rooms[here]:
                    found.append(f"{name}:{number}: {here} may not include {target}")
    return found


def self_test():
    table = "| `server/base/` | x | - |\n| `client/` | x | server/base |\n"
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for top in ("server/base", "webhook", "client"):
            (root / top).mkdir(parents=True)
        (root / "server/base/a.h").write_text('#include "client/b.h"\n')
        (root / "client/b.h").write_text('#include "server/base/a.h"\n')
        (root / "client/c.cc").write_text('#include "tests/support/d.h"\n')
        found = violations(root, allowed_rooms(table))
    assert found == ["server/base/a.h:1: server/base may not include client/b.h",
                     "client/c.cc:1: client may not include tests/support/d.h"], found


def main():
    self_test()
    root = pathlib.Path(__file__).resolve().parents[2]
    rooms = allowed_rooms((root / "docs/architecture.md").read_text())
    if len(rooms) < 10:
        sys.exit("docs/architecture.md: the table of folders was not found")
    found = violations(root, rooms)
    print("\n".join(found) or f"{len(rooms)} rooms, every include allowed")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
