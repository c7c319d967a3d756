"""Writes bytes to an address that a module returns, and returns what the module reads there."""


def put(exports, store, where: int, data: bytes) -> int:
    """`where` goes through the module, like a pointer that it has allocated."""
    pointer = exports["same_i32"](store, where)
    exports["memory"].write(store, data, pointer)
    return exports["load"](store, pointer)
