"""Makes a NuGet package of a folder: pack.py FOLDER DATE OUT.nupkg. The same files give the same bytes."""

import hashlib
import pathlib
import struct
import sys
import zipfile

ID = "EveryhostSigner"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def settle(dll: bytes) -> bytes:
    """An assembly without what mcs makes anew each time: the time in its header, and the module's id, which is the
    first in the heap of GUIDs. The id becomes the hash of all the rest."""
    settled = bytearray(dll)
    header = struct.unpack_from("<I", dll, 0x3C)[0]
    struct.pack_into("<I", settled, header + 8, 0)
    root = dll.index(b"BSJB")
    stream = dll.index(b"#GUID\0", root)
    at = root + struct.unpack_from("<I", dll, stream - 8)[0]
    settled[at : at + 16] = bytes(16)
    settled[at : at + 16] = hashlib.sha256(settled).digest()[:16]
    return bytes(settled)


def parts(folder: pathlib.Path) -> dict[str, bytes]:
    """What is in the package, by name, with what the format (OPC) wants: a type for each part, and where to begin."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = {name: settle(part) if name.endswith(".dll") else part for name, part in found.items()}
    endings = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
    endings |= {name.rpartition(".")[2]: "application/octet" for name in found if "." in pathlib.Path(name).name}
    types = "".join(f'  <Default Extension="{end}" ContentType="{kind}" />\n' for end, kind in sorted(endings.items()))
    bare = sorted(name for name in found if "." not in pathlib.Path(name).name)
    types += "".join(f'  <Override PartName="/{name}" ContentType="application/octet" />\n' for name in bare)
    kind = "http://schemas.microsoft.com/packaging/2010/07/manifest"
    return found | {
        "[Content_Types].xml": f'{XML}<Types xmlns="{TYPES}">\n{types}</Types>\n'.encode(),
        "_rels/.rels": f'{XML}<Relationships xmlns="{RELATIONS}">\n'
        f'  <Relationship Type="{kind}" Target="/{ID}.nuspec" Id="R1" />\n</Relationships>\n'.encode(),
    }


def main(folder: str, date: str, out: str) -> None:
    year, month, day = map(int, date.split("-"))
    time = (year, month, day, 0, 0, 0)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, part in sorted(parts(pathlib.Path(folder)).items()):
            entry = zipfile.ZipInfo(name, time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, part)


main(*sys.argv[1:])
