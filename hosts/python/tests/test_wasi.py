"""Programs of WASI preview 1, each of one or two of its functions."""

from pathlib import Path

import pytest
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule
from limits import Refusal
from wasi import wasi
from wire import Json, RequestError

EMPTY = CompiledModule(bytes(wat2wasm("(module)")))
# What they take; each returns an errno, except proc_exit.
TYPES = {
    "args_get": "i32 i32",
    "environ_get": "i32 i32",
    "fd_prestat_dir_name": "i32 i32 i32",
    "fd_read": "i32 i32 i32 i32",
    "fd_write": "i32 i32 i32 i32",
    "path_open": "i32 i32 i32 i32 i32 i64 i64 i32 i32",
}
WRITE, READ = 64, 2
CREATE = 1


def program(*parts: str) -> str:
    """The module in hex. An iovec at 0 is of the 32 bytes at 256; what failed first is the exit code."""
    imports = " ".join(
        f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {params}) (result i32)))'
        for name, params in TYPES.items()
    )
    text = f"""(module {imports} (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (memory (export "memory") 1) (data (i32.const 0) "\\00\\01\\00\\00\\20") (data (i32.const 512) "../a.txt")
        (func $check (param i32) (if (local.get 0) (then (call $proc_exit (local.get 0))))) {" ".join(parts)})"""
    return bytes(wat2wasm(text)).hex()


def start(*body: str) -> str:
    return program(f'(func (export "_start") {" ".join(body)})')


def call(name: str, *args: int) -> str:
    kinds = TYPES[name].split()
    consts = " ".join(f"({kind}.const {arg})" for kind, arg in zip(kinds, args, strict=True))
    return f"(call $check (call ${name} {consts}))"


def write(fd: int, length: int = 32) -> str:
    return f"(i32.store (i32.const 4) (i32.const {length})) {call('fd_write', fd, 0, 1, 16)}"


def run(wasm: str, **given: object) -> Json:
    return wasi(EMPTY, {"wasm": wasm, **given})


def text(written: str) -> str:
    return bytes.fromhex(written).decode()


def test_args_and_environment_are_the_requests_alone() -> None:
    args = start(call("args_get", 64, 256), write(1))
    assert text(run(args, args=["prog", "-v", "", "ü"])["stdout"]) == "prog\0-v\0\0ü\0".ljust(31, "\0")
    assert text(run(args)["stdout"]) == "\0" * 32
    environment = start(call("environ_get", 64, 256), write(2))
    answer = run(environment, env=["B=1=2", "A=", "B=3"])
    assert answer == {"exit_code": 0, "stdout": "", "stderr": b"B=1=2\0A=\0B=3\0".ljust(32, b"\0").hex()}
    assert text(run(environment)["stderr"]) == "\0" * 32


def test_stdin_is_read_to_its_end() -> None:
    wasm = start(
        call("fd_read", 0, 0, 1, 16),
        "(i32.store (i32.const 4) (i32.load (i32.const 16)))",
        call("fd_write", 1, 0, 1, 16),
    )
    assert run(wasm, stdin="6869ff00") == {"exit_code": 0, "stdout": "6869ff00", "stderr": ""}
    assert run(wasm, stdin={"repeat": "61", "times": 99})["stdout"] == "61" * 32
    assert run(wasm)["stdout"] == ""


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        ("", {"exit_code": 0}),
        ("(call $proc_exit (i32.const 0))", {"exit_code": 0}),
        ("(call $proc_exit (i32.const 42))", {"exit_code": 42}),
        ("unreachable", {}),
        ("(call $proc_exit (i32.const 126))", {}),  # wasmtime's own limit
    ],
)
def test_what_was_written_before_the_end_is_kept(end: str, answer: Json) -> None:
    wasm = start(write(1, 2), write(2, 1), write(1, 0), end)
    assert run(wasm) == answer | {"stdout": "0000", "stderr": "00"}


def opened(folder: int, name: int, length: int, rights: int, flags: int = 0) -> str:
    return call("path_open", folder, 0, name, length, flags, rights, 0, 0, 20)


def test_files_are_those_of_the_folders_and_no_others(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.txt").write_text("outside")
    (tmp_path / "two/a.txt").write_text("inside")
    dirs = [{"guest": "/", "host": str(tmp_path / "one")}, {"guest": "data", "host": str(tmp_path / "two")}]
    # a.txt of the second is read, then written, under its name, to the first.
    copied = [
        opened(4, 515, 5, READ),
        "(call $check (call $fd_read (i32.load (i32.const 20)) (i32.const 0) (i32.const 1) (i32.const 16)))",
    ]
    copied += [opened(3, 515, 5, WRITE, CREATE), "(i32.store (i32.const 4) (i32.load (i32.const 16)))"]
    copied += ["(call $check (call $fd_write (i32.load (i32.const 20)) (i32.const 0) (i32.const 1) (i32.const 16)))"]
    assert run(start(*copied), dirs=dirs) == {"exit_code": 0, "stdout": "", "stderr": ""}
    assert (tmp_path / "one/a.txt").read_text() == "inside"
    assert run(start(call("fd_prestat_dir_name", 4, 256, 4), write(1, 4)), dirs=dirs)["stdout"] == b"data".hex()
    for rights, flags in [(READ, 0), (WRITE, 0), (WRITE, CREATE)]:
        outside = start(opened(4, 512, 8, rights, flags))
        assert run(outside, dirs=dirs)["exit_code"] in (63, 76), "EPERM, ENOTCAPABLE"
    assert (tmp_path / "a.txt").read_text() == "outside"
    assert run(start(opened(3, 515, 5, READ)))["exit_code"] == 8, "EBADF: no folders, no descriptor 3"


def test_a_reactor_is_initialized_then_does_steps_until_it_ends() -> None:
    wasm = program(
        '(global $g (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $g (i32.const 7)))',
        f'(func (export "_start") unreachable) (func (export "say") (result i32) {write(1, 1)} global.get $g)',
        '(func (export "exit") (param i32) (call $proc_exit (local.get 0))) (func (export "boom") unreachable)',
    )
    say: Json = {"do": "call", "export": "say"}
    leave: Json = {"do": "call", "export": "exit", "args": [{"i32": 3}]}
    boom: Json = {"do": "call", "export": "boom"}
    seven, trap = {"ok": {"results": [{"i32": 7}]}}, {"trap": True}

    def answers(steps: list[Json], **more: object) -> Json:
        answer = run(wasm, steps=steps, **more)
        for step in answer["steps"]:
            step.pop("detail", None)
        return answer

    assert answers([]) == {"steps": [], "stdout": "", "stderr": ""}
    assert answers([say, say]) == {"steps": [seven, seven], "stdout": "0000", "stderr": ""}
    assert answers([say, boom, say]) == {"steps": [seven, trap], "stdout": "00", "stderr": ""}
    assert answers([boom, say], after_trap=True) == {"steps": [trap, seven], "stdout": "00", "stderr": ""}
    ended = {"steps": [seven, trap], "exit_code": 3, "stdout": "00", "stderr": ""}
    assert answers([say, leave, say], after_trap=True) == ended
    early = program('(func (export "_initialize") (call $proc_exit (i32.const 4)))')
    assert run(early, steps=[say]) == {"steps": [], "exit_code": 4, "stdout": "", "stderr": ""}


def test_no_instance_and_no_start() -> None:
    wat = '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i64))) (func (export "_start")))'
    for foreign in (wat, wat.replace("i64", "i32").replace("proc_exit", "proc_enter"), wat.replace("snapshot", "shot")):
        with pytest.raises(Refusal) as refused:
            run(bytes(wat2wasm(foreign)).hex())
        assert refused.value.code == "NO_INSTANCE"
    with pytest.raises(Refusal) as refused:
        run(program('(func (export "_initialize") unreachable)'), steps=[])
    assert refused.value.code == "NO_INSTANCE"
    with pytest.raises(RequestError, match="_start"):
        run(program())
