import sys

sys.path.insert(0, sys.argv[2])
from plugin import Plugin, Refused

plugin = Plugin(sys.argv[1])
for _ in range(10):
    assert plugin.call("count", 500) == 500, "a call within its budget"
assert plugin.call("calls") == 1


def refused(name: str, *args: int) -> bool:
    try:
        plugin.call(name, *args)
    except Refused:
        return True
    return False


assert plugin.call("calls") == 2, "the instance is kept between good calls"
assert refused("spin"), "a call that never ends"
assert plugin.call("calls") == 1, "after that the plugin starts anew"
assert refused("count", 1_000_000), "a call that takes too long"
assert plugin.call("count", 500) == 500, "and the next one has its whole budget"
assert plugin.call("grow", 3) == 1, "up to four pages"
assert plugin.call("grow", 1) == -1, "and no more"
assert plugin.call("calls") == 1, "which is no trap: the instance goes on"
