"""Writes vectors for Everyhost: what a module is asked, and the right answers. One file, for Python 3.9 and later.

    from everyhost_vectors import Suite, call, i32, named, text, write

    suite = Suite("checksum", source="the catalogue of CRC algorithms", licence="public domain")
    suite.case(
        "checksum/check",
        call("buffer").names("buffer").returns(named("buffer")),
        write(named("buffer"), text("123456789")),
        call("crc32", i32(9)).returns(i32(0xCBF43926)),
    ).comment("the check value of the catalogue")
    suite.save("vectors")  # then: everyhost run --module checksum.wasm --vectors vectors

The same functions are in writers/javascript and, in Rust, in crates/vectors. vectors/README.md explains the format;
everyhost checks the file when it reads it.
"""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any, Union

SCHEMA = "everyhost/vectors/1"

#: A part of a case in JSON, or bytes.
Part = Any
Bytes = Union[bytes, bytearray, "dict[str, Part]"]


# Values


def i32(number: int) -> Part:
    """Signed or unsigned."""
    return {"i32": _integer("i32", number, 32)}


def i64(number: int) -> Part:
    """Signed or unsigned."""
    return {"i64": str(_integer("i64", number, 64))}


def f32(number: float) -> Part:
    """Rounded to 32 bits."""
    return {"f32": struct.pack(">f", number).hex()}


def f64(number: float) -> Part:
    """With all its bits."""
    return {"f64": struct.pack(">d", number).hex()}


def f32_bits(bits: int) -> Part:
    """For a certain NaN."""
    return {"f32": f"{bits:08x}"}


def f64_bits(bits: int) -> Part:
    """For a certain NaN."""
    return {"f64": f"{bits:016x}"}


def named(name: str, plus: int = 0) -> Part:
    """What a step before this one named, and so many more.

    In an expected result: a pointer that differs from module to module.
    """
    return {"var": name, "plus": plus} if plus else {"var": name}


# Values of components: hosts/COMPONENTS.md says how each type of WIT is written. Numbers of up to 32 bits, bool, text,
# lists and dicts (of records, variants, options, results) are written as they are, bytes too.


def wit_f32(number: float) -> Part:
    """Rounded to 32 bits."""
    return f32(number)["f32"]


def wit_f64(number: float) -> Part:
    """With all its bits."""
    return f64(number)["f64"]


def wit_64(number: int) -> Part:
    """A u64 or s64."""
    return i64(number)["i64"]


def handle(number: int) -> Part:
    """A resource: they are numbered from 0 on, in the order in which they came."""
    return {"handle": number}


# Bytes, beside bytes themselves


def text(text: str) -> Part:
    """In UTF-8."""
    return {"text": text}


def base64(text: str) -> Part:
    """The bytes that this base64 stands for."""
    return {"base64": text}


def file(path: str) -> Part:
    """The contents of a file, by its path from the folder of the vectors."""
    return {"file": path}


def repeat(unit: bytes, times: int) -> Part:
    """These bytes, so many times over."""
    return {"repeat": unit.hex(), "times": times}


# Expectations that several answers meet


def f32_nan() -> Part:
    """Any NaN."""
    return {"f32": "nan"}


def f64_nan() -> Part:
    """Any NaN."""
    return {"f64": "nan"}


def any_value(type_name: str) -> Part:
    """Any value of the type i32, i64, f32 or f64."""
    return {"any": type_name}


def not_equal(value: Part) -> Part:
    """Any value of its type except this one."""
    return {"not": value}


def one_of(*several: Part) -> Part:
    """One of these values, bytes or answers."""
    return {"one_of": [_part(one) for one in several]}


def length(count: int) -> Part:
    """Any bytes, so many of them."""
    return {"length": count}


def sha256(digest: str) -> Part:
    """Bytes with this SHA-256, in hex."""
    return {"sha256": digest}


def cell(name: str) -> Part:
    """What the row of the case's table has under this name."""
    return {"cell": name}


# Answers


def returned(*values: Part) -> Part:
    """The answer of a call or a global."""
    return {"ok": {"results": list(values)}}


def gave(what: Part) -> Part:
    """What a read gives (bytes), or pages and grow (a number of pages)."""
    return {"ok": {"pages" if isinstance(what, int) else "bytes": _part(what)}}


def done() -> Part:
    """What a write answers."""
    return {"ok": {}}


def trapped() -> Part:
    """A trap."""
    return {"trap": True}


def failed(name: str) -> Part:
    """A refusal, such as OUT_OF_BOUNDS."""
    return {"error": name}


def host_call(import_number: int, *args: Part, steps: tuple[Part, ...] = ()) -> Part:
    """Expects a call of a host function: its place in the imports, what it was given, and the answers of its steps."""
    call: dict[str, Part] = {"import": import_number, "args": list(args)}
    if steps:
        call["steps"] = list(steps)
    return call


class Step:
    """A step, and its answer."""

    def __init__(self, step: dict[str, Part], answer: Part = None) -> None:
        self.step, self.answer = step, answer

    def names(self, *names: str) -> Step:
        """Names for the results, from the first on."""
        self.step["as"] = names[0] if len(names) == 1 else list(names)
        return self

    def answers(self, answer: Part) -> Step:
        """Any answer, such as one_of(returned(i32(1)), trapped())."""
        self.answer = answer
        return self

    def returns(self, *values: Part) -> Step:
        """These results."""
        return self.answers(returned(*values))

    def returns_value(self, value: Part) -> Step:
        """What a function of a component returns."""
        return self.answers({"ok": {"result": _deep(value)}})

    def returns_nothing(self) -> Step:
        """A function of a component that has no result."""
        return self.answers(done())

    def gives(self, what: Part) -> Step:
        """These bytes, or so many pages."""
        return self.answers(gave(what))

    def traps(self) -> Step:
        """A trap."""
        return self.answers(trapped())

    def fails(self, name: str) -> Step:
        """A refusal."""
        return self.answers(failed(name))

    def calls(self, *calls: Part) -> Step:
        """Adds the calls of host functions that come meanwhile, after its answer was said."""
        answer = self._answer()
        answer.get("ok", answer)["calls"] = list(calls)
        return self

    def _answer(self) -> Part:
        if self.answer is None:
            message = f"{json.dumps(self.step)}: what comes is missing; say .returns(), .gives(), .traps() or .fails()"
            raise ValueError(message)
        return self.answer


def call(export: str, *args: Part) -> Step:
    """Calls an export."""
    step: dict[str, Part] = {"do": "call", "export": export}
    if args:
        step["args"] = _deep(args)
    return Step(step)


def write(pointer: Part, content: Bytes) -> Step:
    """Writes to memory."""
    return Step({"do": "write", "ptr": pointer, "bytes": _part(content)}, done())


def read(pointer: Part, count: int | Part) -> Step:
    """Reads so many bytes: a number, or what a step named."""
    return Step({"do": "read", "ptr": pointer, "len": count})


def read_text(pointer: Part) -> Step:
    """Up to the first zero byte, without it."""
    return Step({"do": "read", "ptr": pointer, "len": "nul"})


def pages() -> Step:
    """Asks how large memory is."""
    return Step({"do": "pages"})


def grow(count: int) -> Step:
    """Gives how many pages there were."""
    return Step({"do": "grow", "pages": count})


def load(pointer: Part, name: str, value: Part) -> Step:
    """The i32 at a pointer gets a name; `value` is what is expected there."""
    number = value.get("i32", value)
    if isinstance(number, int) and number >= 2**31:
        number -= 2**32  # An answer's own number is signed.
    return Step({"do": "load", "ptr": pointer, "as": name}, {"ok": {"value": number}})


def get_global(export: str) -> Step:
    """The value of a global."""
    return Step({"do": "global", "export": export})


def drop(number: int) -> Step:
    """Drops a resource of a component."""
    return Step({"do": "drop", "handle": number}, done())


# What the host provides


class Import:
    """One thing that the host provides."""

    def __init__(self, module: str, name: str, what: dict[str, Part]) -> None:
        self.json = {"module": module, "name": name, **what}

    def on_call(self, *results: Part, steps: tuple[Step, ...] = ()) -> Import:
        """What the next call does: these steps, then it returns. The last one said is repeated."""
        return self._then(steps, {"results": list(results)})

    def on_call_throw(self, words: str, steps: tuple[Step, ...] = ()) -> Import:
        """The next call fails with these words."""
        return self._then(steps, {"throw": words})

    def _then(self, steps: tuple[Step, ...], end: dict[str, Part]) -> Import:
        begin = {"steps": [step.step for step in steps]} if steps else {}
        self.json.setdefault("calls", []).append({**begin, **end})
        return self


def import_func(module: str, name: str, params: list[str], results: list[str]) -> Import:
    """A function, with the names of its types."""
    return Import(module, name, {"func": {"params": params, "results": results}})


def import_memory(module: str, name: str, least: int, most: int | None = None) -> Import:
    """A memory, in pages."""
    return Import(module, name, {"memory": _limits(least, most)})


def import_table(module: str, name: str, least: int, most: int | None = None) -> Import:
    """A table of function references, in elements."""
    return Import(module, name, {"table": _limits(least, most)})


def import_global(module: str, name: str, value: Part, *, mutable: bool = False) -> Import:
    """A global."""
    return Import(module, name, {"global": value, **({"mutable": True} if mutable else {})})


# The files of a WASI program, by their paths in a folder: names with / between them


def file_at(path: str, content: Bytes) -> Part:
    """A file, with these bytes in it."""
    return {"path": path, "bytes": _part(content)}


def folder_at(path: str) -> Part:
    """A folder. Only an empty one must be listed when it is given; what a program leaves lists them all."""
    return {"path": path, "dir": True}


def link_at(path: str, target: str) -> Part:
    """A symbolic link."""
    return {"path": path, "link": target}


class Case:
    """One case: what is done with a fresh instance, and what comes."""

    def __init__(self, case_id: str, steps: tuple[Step, ...]) -> None:
        self._id, self._steps = case_id, steps
        self._op, self._input, self._expect = "raw", {}, None  # type: ignore[var-annotated]
        self._more: dict[str, Part] = {}
        self._output: dict[str, Part] = {}
        self._after_trap = self._traps = False

    def flags(self, *flags: str) -> Case:
        """Why it exists; the suite says what each means."""
        return self._with("flags", list(flags))

    def comment(self, words: str) -> Case:
        """What makes it different from its neighbours."""
        return self._with("comment", words)

    def table(self, rows: dict[str, dict[str, Part]]) -> Case:
        """One case for each row: cell("name") is that row's."""
        return self._with(
            "table", {row: {name: _part(one) for name, one in cells.items()} for row, cells in rows.items()}
        )

    def imports(self, *imports: Import) -> Case:
        """What the host provides to this case, instead of what the suite says."""
        return self._takes("raw_imports", "imports", [one.json for one in imports])

    def wasm(self, module: Bytes) -> Case:
        """A module of its own."""
        return self._takes("raw_module" if self._op == "raw" else self._op, "wasm", _part(module))

    def after_trap(self) -> Case:
        """Steps after a trap are done too. The case needs imports, perhaps none: .imports()."""
        self._after_trap = True
        return self._takes("raw_imports", "after_trap", True)

    def deadline(self, milliseconds: int) -> Case:
        """A call that takes longer fails with CUT_OFF."""
        return self._takes("raw_deadline", "deadline_ms", milliseconds)

    def memory_limit(self, most_pages: int) -> Case:
        """Memory may have so many pages, whatever the module says."""
        return self._takes("raw_memory_limit", "max_pages", most_pages)

    def start_calls(self, *calls: Part) -> Case:
        """The calls of host functions that come while the instance is made."""
        return self._gives("calls", list(calls))

    def component(self) -> Case:
        """Its steps call a component's functions and drop its resources."""
        self._op = "component"
        return self

    def program(self, *args: str) -> Case:
        """Runs a WASI program with these arguments, the first of which is its name. With steps: a reactor."""
        return self._takes("wasi", "args", list(args))

    def env(self, *variables: str) -> Case:
        """The program's environment: NAME=value each."""
        return self._takes("wasi", "env", list(variables))

    def stdin(self, content: Bytes) -> Case:
        """What the program can read."""
        return self._takes("wasi", "stdin", _part(content))

    def folder(self, guest: str, *files: Part) -> Case:
        """One more folder that is open before the program starts, under this name."""
        folders = self._input.get("dirs", [])
        return self._takes("wasi", "dirs", [*folders, {"guest": guest, "files": list(files)}])

    def exits(self, code: int) -> Case:
        """The program ends with this code: 0 if it returns."""
        return self._gives("exit_code", code)

    def traps(self) -> Case:
        """The program traps, and has no exit code."""
        self._traps = True
        return self

    def prints(self, content: Bytes) -> Case:
        """What the program writes to stdout. Not compared unless it is said."""
        return self._gives("stdout", _part(content))

    def prints_error(self, content: Bytes) -> Case:
        """What the program writes to stderr. Not compared unless it is said."""
        return self._gives("stderr", _part(content))

    def leaves(self, *folders: list[Part]) -> Case:
        """What is in each folder afterwards, by path. Not compared unless it is said."""
        return self._gives("dirs", list(folders))

    def fails(self, name: str) -> Case:
        """No step is done, such as NO_INSTANCE."""
        self._expect = failed(name)
        return self

    def _with(self, field: str, value: Part) -> Case:
        self._more[field] = value
        return self

    def _takes(self, op: str, field: str, value: Part) -> Case:
        self._op, self._input[field] = op, value
        return self

    def _gives(self, field: str, value: Part) -> Case:
        self._output[field] = value
        return self

    def _json(self) -> Part:
        # A program without steps runs from its start.
        is_program = self._op == "wasi" and not self._steps
        steps = {} if is_program else {"steps": [step.step for step in self._steps]}
        expect = self._expect or {"ok": {**self._output, **({} if is_program else {"steps": self._answers()})}}
        if is_program and not (self._expect or self._traps or "exit_code" in self._output):
            raise ValueError(f"{self._id}: how the program ends is missing; say .exits(), .traps() or .fails()")
        return {"id": self._id, "op": self._op, "in": {**self._input, **steps}, "expect": expect, **self._more}

    def _answers(self) -> list[Part]:
        answers = []
        for step in self._steps:
            answers.append(step._answer())
            if "trap" in answers[-1] and not self._after_trap:
                break  # The answers end there.
        return answers


class Suite:
    """One file of vectors. `module`: the one module it is about, if a run has several."""

    def __init__(self, name: str, *, source: str, licence: str, module: str | None = None) -> None:
        if not re.fullmatch("[a-z0-9-]+", name):
            raise ValueError(f"{name!r}: a suite's name is lower-case letters, digits and -; it is also its file's")
        self.name = name
        self._head: dict[str, Part] = {"schema": SCHEMA, "suite": name, "face": "own"}
        if module is not None:
            self._head["module"] = module
        self._source = {"name": source, "licence": licence}
        self._more: dict[str, Part] = {}
        self._cases: list[Case | dict[str, Part]] = []

    def flag(self, name: str, meaning: str) -> Suite:
        """What a flag of cases means."""
        self._more.setdefault("flags", {})[name] = meaning
        return self

    def imports(self, *imports: Import) -> Suite:
        """What the host provides to every case."""
        self._more["imports"] = [one.json for one in imports]
        return self

    def begin(self, *steps: Step) -> Suite:
        """What every case begins with."""
        self._more["begin"] = [{"step": step.step, "expect": step._answer()} for step in steps]
        return self

    def case(self, case_id: str, *steps: Step) -> Case:
        """Adds a case."""
        case = Case(case_id, steps)
        self._cases.append(case)
        return case

    def other(self, case_id: str, op: str, given: dict[str, Part], expect: Part) -> None:
        """A case of another operation, in the words of the format."""
        self._cases.append({"id": case_id, "op": op, "in": given, "expect": expect})

    def json(self) -> Part:
        """The whole file, as JSON has it."""
        cases = [case._json() if isinstance(case, Case) else case for case in self._cases]
        count = sum(len(case.get("table", "1")) for case in cases)
        return {**self._head, "count": count, "source": self._source, **self._more, "cases": cases}

    def save(self, folder: str | Path) -> Path:
        """Writes the file to a folder, a case a line."""
        path = Path(folder) / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = self.json()
        cases = ",\n".join(_line(case) for case in head.pop("cases"))
        path.write_text(f'{_line(head)[:-1]},"cases":[\n{cases}\n]}}\n', encoding="utf-8")
        return path


def _line(part: Part) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"))


def _part(part: Part) -> Part:
    """Bytes in hex; everything else as it is."""
    return part.hex() if isinstance(part, (bytes, bytearray)) else part


def _deep(part: Part) -> Part:
    """Bytes in hex, wherever they are."""
    if isinstance(part, dict):
        return {name: _deep(one) for name, one in part.items()}
    return [_deep(one) for one in part] if isinstance(part, (list, tuple)) else _part(part)


def _integer(name: str, number: int, bits: int) -> int:
    least, most = -(2 ** (bits - 1)), 2**bits - 1
    if not isinstance(number, int) or not least <= number <= most:
        raise ValueError(f"{number!r}: an {name} is a whole number from {least} to {most}")
    return number


def _limits(least: int, most: int | None) -> Part:
    return {"min": least} if most is None else {"min": least, "max": most}
