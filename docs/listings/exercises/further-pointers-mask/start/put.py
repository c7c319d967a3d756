"""Writes bytes where the module says, and gives back what the module reads there."""


def put(exports, store, where: int, data: bytes) -> int:
    """`where` goes through the module, as a pointer that it has allocated does."""
    pointer = exports["same_i32"](store, where)
    exports["memory"].write(store, data, pointer)
    return exports["load"](store, pointer)
