# ANCHOR: shown
for key in bytes(32), bytearray(32), "00" * 32:
    try:
        key[0] = 1
        print("overwritten:", type(key).__name__)
    except TypeError:
        pass
# ANCHOR_END: shown
