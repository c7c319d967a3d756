"""Prints the licenses of the crates in a program that carries the modules, as the crates have them, each text once.

notices.py PACKAGE FEATURE,…
"""

import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


def cargo(*arguments: str) -> str:
    return subprocess.run(
        ("cargo", *arguments, "--locked"), cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def texts(folder: pathlib.Path) -> list[str]:
    """The license files of a crate; if it is under several, MIT's alone, which is the shortest, and its notices."""
    files = sorted(one for one in folder.iterdir() if one.is_file() and one.name.upper().startswith(NAMES))
    if mit := [one for one in files if "MIT" in one.name.upper()]:
        files = mit + [one for one in files if one.name.upper().startswith(("COPYRIGHT", "NOTICE"))]
    return ["\n".join(line.rstrip() for line in one.read_text(errors="replace").strip().splitlines()) for one in files]


def linked(package: str, target: str, *features: str) -> set[tuple[str, str]]:
    tree = (
        "tree",
        "--package",
        package,
        "--target",
        target,
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}",
    )
    return {(name, version) for name, version, *_ in map(str.split, cargo(*tree, *features).splitlines())}


def main(package: str, features: str) -> None:
    host = subprocess.run(("rustc", "-vV"), cwd=ROOT, check=True, capture_output=True, text=True).stdout
    crates = linked(package, host.partition("host: ")[2].split()[0], "--features", features)
    for record in tomllib.loads((ROOT / "crates/modules.toml").read_text())["module"]:
        if "package" in record:
            crates |= linked(record["package"], "wasm32-unknown-unknown")
    crates_with: dict[str, list[str]] = {}
    print("What is linked into this program and its modules, and under which licenses.\n")
    for crate in json.loads(cargo("metadata", "--format-version", "1"))["packages"]:
        if (crate["name"], f"v{crate['version']}") not in crates or crate["source"] is None:
            continue
        print(f"{crate['name']} {crate['version']}: {crate['license']}")
        # One that brings no text is named above, with its license.
        for text in texts(pathlib.Path(crate["manifest_path"]).parent):
            crates_with.setdefault(text, []).append(crate["name"])
    for text, names in crates_with.items():
        print(f"\n{'-' * 80}\n{', '.join(dict.fromkeys(names))}\n\n{text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
