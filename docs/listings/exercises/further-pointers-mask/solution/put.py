"""Writes bytes to an address that a module returns, and returns what the module reads there."""


# ANCHOR: put
def put(exports, store, where: int, data: bytes) -> int:
    """`where` goes through the module, like a pointer that it has allocated."""
    pointer = exports["same_i32"](store, where) & 0xFFFF_FFFF
    memory = exports["memory"]
    if pointer + len(data) > memory.data_len(store):
        raise IndexError(f"{len(data)} bytes at {pointer} are not all in memory")
    memory.write(store, data, pointer)
    return exports["load"](store, where)
# ANCHOR_END: put
