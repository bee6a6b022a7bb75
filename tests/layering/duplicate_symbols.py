#!/usr/bin/env python3
"""Finds functions and variables that two static libraries both define.

A program that links both gets whichever comes first on its command line, without a word,
where the other's object is never needed. Run with --self-test it proves that one is found.

    duplicate_symbols.py BUILD_DIRECTORY
"""
import pathlib
import subprocess
import sys
import tempfile

STRONG = set("TDBRSG")
# Where this build puts its libraries; what tests build of them elsewhere is a copy.
ROOMS = ("proto", "server", "webhook", "client", "tests")


def defined_in(archive):
    """The names that the archive defines for others, inline ones left out."""
    listing = subprocess.run(
        ["nm", "--defined-only", "--extern-only", "--demangle", str(archive)],
        check=True, capture_output=True, text=True).stdout
    names = set()
    for line in listing.splitlines():
        words = line.split(maxsplit=2)
        if len(words) == 3 and words[1] in STRONG:
            names.add(words[2])
    return names


def duplicates(directory):
    """The number of libraries, and what two of them define."""
    archives = {}
    found = []
    libraries = sorted(library for room in ROOMS
                       for library in pathlib.Path(directory, room).rglob("lib*.a"))
    for archive in libraries:
        for name in sorted(defined_in(archive)):
            # A program has one main; each fuzz target brings its own entry.
            if name in ("main", "LLVMFuzzerTestOneInput"):
                continue
            if name in archives:
                found.append(f"{name}: {archives[name].name} and {archive.name}")
            archives[name] = archive
    return len(libraries), found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        for room in ("a", "b"):
            source = pathlib.Path(folder, f"{room}.cc")
            source.write_text(f"int Twice() {{ return 1; }}\nint Only_{room}() {{ return 2; }}\n")
            subprocess.run(["c++", "-c", str(source), "-o", f"{folder}/{room}.o"], check=True)
            pathlib.Path(folder, "server").mkdir(exist_ok=True)
            subprocess.run(["ar", "rcs", f"{folder}/server/lib{room}.a", f"{folder}/{room}.o"],
                           check=True)
        count, found = duplicates(folder)
        assert count == 2 and found == ["Twice(): liba.a and libb.a"], (count, found)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    count, found = duplicates(sys.argv[1])
    if count == 0:
        print(f"{sys.argv[1]} holds no libraries: nothing was checked")
        return 1
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
