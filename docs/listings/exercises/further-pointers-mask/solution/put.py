"""Writes bytes where the module says, and gives back what the module reads there."""


# ANCHOR: put
def put(exports, store, where: int, data: bytes) -> int:
    """`where` goes through the module, as a pointer that it has allocated does."""
    pointer = exports["same_i32"](store, where) & 0xFFFF_FFFF
    memory = exports["memory"]
    if pointer + len(data) > memory.data_len(store):
        raise IndexError(f"{len(data)} bytes at {pointer} are not all in memory")
    memory.write(store, data, pointer)
    return exports["load"](store, where)
# ANCHOR_END: put
