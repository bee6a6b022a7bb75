"""Walks through an example's README as a newcomer does: what it says to type is typed,
in a clean copy of the repository's part that it needs."""

import hashlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess

TREE_PARTS = ["proto", "buf.yaml", "examples/google_rpc.proto"]


class DownloadFailed(Exception):
    """What the README installs could not be had."""


class Walk:
    """`install` and `stubs` of examples/LANGUAGE/README.md are done when this is made, or
    were before and nothing has changed since; `run` is one line of its block `run`."""

    def __init__(self, source, folder, language, caller):
        self.folder = pathlib.Path(folder)
        self.tree = self.folder / "tree"
        self._state = self.folder / "shell_state"
        self._name = f"examples/{language}"
        readme = (pathlib.Path(source) / self._name / "README.md").read_text(encoding="utf-8")
        self._blocks = dict(re.findall(r"^```sh (\w+)\n(.*?)^```$", readme, re.M | re.S))
        parts = [pathlib.Path(source) / part for part in [*TREE_PARTS, self._name]]
        inputs = digest([*parts, *([caller] if caller else []), pathlib.Path(__file__)])
        done = self.folder / "done"
        if not done.exists() or done.read_text(encoding="utf-8") != inputs:
            done.unlink(missing_ok=True)
            self._copy(pathlib.Path(source), caller)
            self._set_up()
            done.write_text(inputs, encoding="utf-8")

    def _copy(self, source, caller):
        """What an earlier walk has built stays where it is: it only saves time."""
        ignored = shutil.ignore_patterns(*_MADE)
        for part in [*TREE_PARTS, self._name]:
            target = self.tree / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if (source / part).is_dir():
                _remove_what_was_copied(target)
                shutil.copytree(source / part, target, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy2(source / part, target)
        if caller:
            # Go wants a program in a folder of its own.
            folder = self.tree / self._name / ("caller" if caller.suffix == ".go" else ".")
            folder.mkdir(exist_ok=True)
            shutil.copy2(caller, folder)

    def _set_up(self):
        state = shlex.quote(str(self._state))
        script = "\n".join(
            [
                "set -e",
                self._blocks.get("install", ""),
                "echo @installed",
                self._blocks["stubs"],
                f"{{ printf 'cd %q\\n' \"$PWD\"; declare -px PATH; }} > {state}",
            ]
        )
        environment = os.environ | {
            # What `go install` makes belongs to this walk.
            "GOBIN": str(self.folder / "gobin"),
            "PATH": f"{self.folder / 'gobin'}:{os.environ['PATH']}",
        }
        if shutil.which("ccache"):
            environment["CMAKE_CXX_COMPILER_LAUNCHER"] = "ccache"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.tree, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        if done.returncode == 0:
            return
        if "@installed" not in done.stdout:
            raise DownloadFailed(done.stdout)
        raise AssertionError(f"the README does not lead to stubs:\n{done.stdout}")

    def command(self, word):
        """The README's line whose command is `word`, with the exports before it."""
        exports = [line for line in self._lines() if line.startswith("export ")]
        [line] = [line for line in self._lines() if f" {word} " in f"{line} "]
        return "\n".join([*exports, line])

    def _lines(self):
        return self._blocks["run"].splitlines()

    def run(self, script, server):
        """What `script` writes to standard output."""
        process = self.start(script, server)
        output, errors = process.communicate(timeout=120)
        if process.returncode != 0:
            raise AssertionError(f"{script}\nended with {process.returncode}: {errors}")
        return output

    def start(self, script, server):
        """The running script, the leader of a group of its own; see `end`."""
        return subprocess.Popen(
            ["bash", "-c", f". {shlex.quote(str(self._state))}\nset -e\n{script}"],
            env=os.environ | {"CHATGATE_SERVER": server}, text=True, start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def end(process):
    """Ends all that the script has started; harmless where that was done."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


# What a walk leaves beside what it copied.
_MADE = ["node_modules", "dist", "gen", "build", ".venv", "__pycache__", "*.cursor"]


def _remove_what_was_copied(folder):
    for entry in folder.iterdir() if folder.exists() else ():
        if entry.name in _MADE:
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def digest(paths):
    """Of all that the files under these paths hold, but for what a walk makes."""
    content = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not set(file.relative_to(path).parts) & set(_MADE):
                content.update(str(file).encode() + b"\0" + file.read_bytes())
    return content.hexdigest()
