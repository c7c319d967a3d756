"""Writes a bill of materials (CycloneDX 1.6) for each file in target/packages, to target/packages/sbom.

Registries' own tools list what a package gets from its registry, which is little. What is inside are modules, which
are compiled from crates: cargo says which. The same packages give the same bytes.

    sbom.py [--packages FOLDER]    (default: target/packages)
"""

import argparse
import datetime
import hashlib
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import uuid
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = "MIT OR Apache-2.0"
# What may be compiled into a module: each lets you use it in anything, if its text goes along.
ALLOWED = {"MIT", "Apache-2.0", "BSD-3-Clause"}
NOTICES = "LICENSE-THIRD-PARTY"


class Wrong(Exception):
    """A package that is not as its bill would have to say."""


@dataclass
class Part:
    """Something that a package has inside, or asks its registry for."""

    name: str
    version: str
    license: str | None = None
    purl: PackageURL | None = None
    sha256: str | None = None
    is_optional: bool = False
    needs: list["Part"] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return str(self.purl or f"{self.name}@{self.version}")


@dataclass
class Package:
    """A file in target/packages."""

    file: pathlib.Path
    part: Part
    files: dict[str, bytes]
    is_program: bool = False


def run(*command: str, cwd: pathlib.Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Wrong(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


class Crates:
    """What cargo says about dependencies."""

    def __init__(self) -> None:
        lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
        self.sums = {(one["name"], one["version"]): one.get("checksum") for one in lock["package"]}
        self.known: dict[tuple[str, ...], Part] = {}

    def of(self, package: str, target: str, features: Iterable[str] = (), cwd: pathlib.Path = ROOT) -> Part:
        """A crate, with all that is linked to it."""
        key = (package, target, *features)
        if key not in self.known:
            self.known[key] = self._tree(package, target, list(features), cwd)
        return self.known[key]

    def _tree(self, package: str, target: str, features: list[str], cwd: pathlib.Path) -> Part:
        chosen = ["--no-default-features", "--features", ",".join(features)] if features else ["--no-default-features"]
        said = run(
            *("cargo", "tree", "--locked", "--package", package, "--target", target, "--edges", "normal,no-proc-macro"),
            *("--prefix", "depth", "--format", "\t{p}\t{l}", *chosen),
            cwd=cwd,
        )
        parts: dict[str, Part] = {}
        path: list[Part] = []
        for line in filter(None, said.splitlines()):
            depth, what, license_ = line.removesuffix(" (*)").split("\t")
            name, version, *where = what.split(" ")
            version = version.removeprefix("v")
            # One with a folder is of this repository: its registry, if any, does not have it yet.
            is_ours = bool(where)
            purl = None if is_ours else PackageURL("cargo", None, name, version)
            if not is_ours and (name, version) not in self.sums:
                raise Wrong(f"Cargo.lock has no {name} {version}")
            sha256 = None if is_ours else self.sums[name, version]
            found = Part(name, version, license_.replace("/", " OR "), purl, sha256)
            part = parts.setdefault(found.ref, found)
            path = path[: int(depth)]
            if path and part not in path[-1].needs:
                path[-1].needs.append(part)
            path.append(part)
        return path[0]


class Modules:
    """The modules that were built, as parts."""

    def __init__(self, crates: Crates, version: str) -> None:
        self.crates, self.version = crates, version
        self.records = {one["name"]: one for one in tomllib.loads((ROOT / "crates/modules.toml").read_text())["module"]}
        self.bytes = {one.stem: one.read_bytes() for one in sorted((ROOT / "target/modules").glob("*.wasm"))}
        channel = tomllib.loads((ROOT / "rust-toolchain.toml").read_text())["toolchain"]["channel"]
        self.std = Part("rust-std", channel, OURS, PackageURL("generic", None, "rust-std", channel))

    def named(self, name: str) -> Part:
        record = self.records.get(name.removesuffix(".core"))
        if name not in self.bytes or record is None:
            raise Wrong(f"module {name}: not in crates/modules.toml, or not built; build it with: make modules")
        part = Part(f"{name}.wasm", self.version, OURS, None, hashlib.sha256(self.bytes[name]).hexdigest())
        if "text" not in record:
            target = "wasm32-wasip1" if "wasi" in record else "wasm32-unknown-unknown"
            part.needs = [self.crates.of(record["package"], target, record.get("features", ())), self.std]
        return part

    def inside(self, files: dict[str, bytes]) -> list[Part]:
        """The modules in a package, whatever they are wrapped in."""
        names = {name for name, wasm in self.bytes.items() if any(wasm in content for content in files.values())}
        for path, content in files.items():
            if path.endswith(".wasm") and content not in self.bytes.values():
                raise Wrong(f"{path} is none of the modules in target/modules")
            if path.endswith(".patch"):  # in npm's: what makes a relaxed module of the plain one
                names.add(pathlib.PurePath(path).stem)
            if path.endswith(".c"):  # in C's: as numbers
                for found in re.findall(rb"static const unsigned char (\w+)\[\] = \{([\d,\s]*)\}", content):
                    names.add(found[0].decode().replace("_", "-"))
                    if bytes(map(int, filter(None, re.split(rb"[,\s]+", found[1])))) not in self.bytes.values():
                        raise Wrong(f"{path}: {found[0].decode()} is none of the modules in target/modules")
        return [self.named(name) for name in sorted(names)]


def all_parts(parts: Iterable[Part]) -> dict[str, Part]:
    """Parts and all that they need, by reference."""
    found: dict[str, Part] = {}
    rest = list(parts)
    while rest:
        part = rest.pop()
        if part.ref not in found:
            found[part.ref] = part
            rest += part.needs
    return found


def unpacked(file: pathlib.Path) -> dict[str, bytes]:
    """The files in an archive, without its outermost folder if there is one for all."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as zipped:
            files = {name: zipped.read(name) for name in zipped.namelist() if not name.endswith("/")}
    else:
        with tarfile.open(file) as tar:
            files = {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}  # type: ignore[union-attr]
    # Of a Go module the folder is PATH@VERSION.
    top = re.match(r"[^@]+@[^/]+/|[^/]+/", next(iter(files)))
    if top and all(name.startswith(top[0]) for name in files):
        files = {name.removeprefix(top[0]): content for name, content in files.items()}
    return files


def npm(file: pathlib.Path, files: dict[str, bytes]) -> Package:
    manifest = json.loads(files["package.json"])
    if manifest.get("dependencies"):
        raise Wrong("it has dependencies, which this program does not list yet")
    name, version = manifest["name"], manifest["version"]
    return Package(file, Part(name, version, manifest["license"], PackageURL("npm", None, name, version)), files)


def python(file: pathlib.Path, files: dict[str, bytes]) -> Package:
    lock = (ROOT / "hosts/python/requirements.txt").read_text()
    metadata = next(text for name, text in files.items() if name.endswith(("/METADATA", "PKG-INFO"))).decode()
    head = metadata.split("\n\n")[0]
    name, version, license_ = (field_of(head, key) for key in ("Name", "Version", "License-Expression"))
    part = Part(name, version, license_, PackageURL("pypi", None, name, version))
    for needed in re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", head, re.MULTILINE):  # without extras
        locked = re.search(rf"^{needed}==([\w.]+)", lock, re.MULTILINE)
        if not locked:
            raise Wrong(f"hosts/python/requirements.txt has no {needed}")
        part.needs.append(Part(needed, locked[1], None, PackageURL("pypi", None, needed, locked[1])))
    return Package(file, part, files)


def field_of(metadata: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", metadata, re.MULTILINE)
    if not found:
        raise Wrong(f"its metadata has no {name}")
    return found[1]


def crate(file: pathlib.Path, files: dict[str, bytes], crates: Crates) -> Package:
    manifest = tomllib.loads(files["Cargo.toml"].decode())["package"]
    name, version = manifest["name"], manifest["version"]
    part = Part(name, version, manifest["license"], PackageURL("cargo", None, name, version))
    folder = ROOT / "target/crates-to-publish"
    features = ["modules"] if any(one.startswith("modules/") for one in files) else []
    tree = crates.of(name, "x86_64-unknown-linux-gnu", features, folder)
    part.needs = tree.needs
    return Package(file, part, files)


def go(file: pathlib.Path, files: dict[str, bytes]) -> Package:
    path = re.search(r"^module (\S+)", files["go.mod"].decode(), re.MULTILINE)[1]  # type: ignore[index]
    part = Part(path, file.stem, OURS, go_purl(path, file.stem))
    needed = re.findall(r"^(?:require |\t)(\S+) (v\S+)", files["go.mod"].decode(), re.MULTILINE)
    part.needs = [Part(name, version, None, go_purl(name, version)) for name, version in needed]
    return Package(file, part, files)


def go_purl(path: str, version: str) -> PackageURL:
    namespace, _, name = path.rpartition("/")
    return PackageURL("golang", namespace, name, version)


def maven(file: pathlib.Path, files: dict[str, bytes]) -> Package:
    pom = ElementTree.parse(file.with_suffix(".pom")).getroot()
    space = {"": pom.tag.partition("}")[0].removeprefix("{")}

    def part(node: ElementTree.Element, license_: str | None) -> Part:
        group, name, version = (node.findtext(key, "", space) for key in ("groupId", "artifactId", "version"))
        is_optional = node.findtext("optional", "", space) == "true"
        return Part(name, version, license_, PackageURL("maven", group, name, version), is_optional=is_optional)

    package = part(pom, OURS)
    package.needs = [part(node, None) for node in pom.iterfind("dependencies/dependency", space)]
    return Package(file, package, files)


def c(file: pathlib.Path, files: dict[str, bytes]) -> Package:
    name, _, version = file.name.removesuffix(".tar.gz").rpartition("-")
    part = Part(name, version, OURS, PackageURL("generic", None, name, version))
    # wasm2c wrote its sources, and its header is inside.
    wabt = run("wasm2c", "--version").split()[0]
    part.needs.append(Part("wabt", wabt, "Apache-2.0", PackageURL("github", "webassembly", "wabt", wabt)))
    return Package(file, part, files)


def nuget(file: pathlib.Path, files: dict[str, bytes]) -> Package:
    spec = ElementTree.fromstring(next(text for name, text in files.items() if name.endswith(".nuspec")))[0]
    found = {one.tag.partition("}")[2]: one for one in spec}
    if list(found["dependencies"].iterfind(".//{*}dependency")):
        raise Wrong("it has dependencies, which this program does not list yet")
    name, version = found["id"].text or "", found["version"].text or ""
    return Package(file, Part(name, version, found["license"].text, PackageURL("nuget", None, name, version)), files)


def tool(file: pathlib.Path, files: dict[str, bytes], crates: Crates) -> Package:
    package = python(file, files)
    package.is_program = True
    package.part.needs.append(crates.of("everyhost", "x86_64-unknown-linux-gnu", ["bundle"]))
    # It has them in an archive inside of its program.
    program = next(content for name, content in files.items() if name.endswith("/scripts/everyhost"))
    for at in (found.start() for found in re.finditer(rb"\x1f\x8b\x08\x00\x00\x00\x00\x00", program)):
        try:
            with tarfile.open(fileobj=io.BytesIO(program[at:]), mode="r:gz") as tar:
                wasm = (one for one in tar if one.name.startswith("target/modules/") and one.name.endswith(".wasm"))
                package.files |= {one.name: tar.extractfile(one).read() for one in wasm}  # type: ignore[union-attr]
        except tarfile.TarError:
            continue
    return package


def packages(folder: pathlib.Path, crates: Crates) -> Iterable[Package]:
    """Every package, in a fixed order."""
    kinds = {
        "c/*.tar.gz": c,
        "crates/*.crate": lambda file, files: crate(file, files, crates),
        "csharp/*.nupkg": nuget,
        "go/**/*.zip": go,
        "java/**/*[0-9].jar": maven,
        "npm/*.tgz": npm,
        "python/*.tar.gz": python,
        "python/*.whl": python,
        "tool/*.whl": lambda file, files: tool(file, files, crates),
    }
    for pattern, read in kinds.items():
        for file in sorted(folder.glob(pattern)):
            try:
                yield read(file, unpacked(file))
            except Wrong as error:
                raise Wrong(f"{file.name}: {error}") from error


def component(part: Part, kind: ComponentType) -> Component:
    return Component(
        name=part.name,
        version=part.version,
        type=kind,
        bom_ref=part.ref,
        purl=part.purl,
        scope=ComponentScope.OPTIONAL if part.is_optional else None,
        licenses=[LicenseExpression(part.license)] if part.license else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)] if part.sha256 else [],
    )


def bill(package: Package, modules: list[Part], date: str) -> str:
    """The bill of one package, as JSON that the schema accepts."""
    head = package.part
    head.sha256 = hashlib.sha256(package.file.read_bytes()).hexdigest()
    head.needs = head.needs + modules
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{head.ref}#{head.sha256}"))
    bom.metadata.timestamp = datetime.datetime.fromisoformat(f"{date}T00:00:00Z")
    bom.metadata.component = component(head, ComponentType.APPLICATION if package.is_program else ComponentType.LIBRARY)
    found = all_parts([head])
    components = {ref: component(part, ComponentType.LIBRARY) for ref, part in found.items() if part is not head}
    bom.components.update(components.values())
    components[head.ref] = bom.metadata.component
    for ref, part in found.items():
        bom.register_dependency(components[ref], [components[one.ref] for one in part.needs])
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise Wrong(f"the schema does not accept its bill: {error}")
    return text


def check(package: Package, modules: list[Part]) -> None:
    """Every crate in a module has a license that may be there, and its notice is in the package."""
    if not modules:
        return
    notices = next((text.decode() for name, text in package.files.items() if name.split("/")[-1] == NOTICES), None)
    if notices is None:
        raise Wrong(f"it has modules, and no {NOTICES}")
    for part in all_parts(modules).values():
        if not ALLOWED.intersection((part.license or "").split(" OR ")):
            raise Wrong(f"{part.ref} is under {part.license}; allowed in a module: {sorted(ALLOWED)}")
        if part.purl and part.purl.type == "cargo" and not re.search(rf"(?<![\w-]){part.name}(?![\w-])", notices):
            raise Wrong(f"{NOTICES} does not name {part.name}; add it, with its copyright")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=pathlib.Path, default=ROOT / "target/packages")
    folder = parser.parse_args().packages
    version, date = (run("scripts/version.sh", what).strip() for what in ("version", "date"))
    crates = Crates()
    built = Modules(crates, version)
    bills = {}
    for package in packages(folder, crates):
        try:
            modules = built.inside(package.files)
            check(package, modules)
            name = f"{package.file.relative_to(folder).parts[0]}/{package.file.name}.cdx.json"
            bills[name] = bill(package, modules, date)
        except Wrong as error:
            raise Wrong(f"{package.file.name}: {error}") from error
    if not bills:
        raise Wrong(f"{folder} has no packages; build them with: make packages")
    out = folder / "sbom"
    shutil.rmtree(out, ignore_errors=True)
    for name, text in bills.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
        print(f"{name}, {text.count(chr(34) + 'bom-ref' + chr(34))} parts")


if __name__ == "__main__":
    try:
        main()
    except Wrong as error:
        sys.exit(f"sbom: {error}")
