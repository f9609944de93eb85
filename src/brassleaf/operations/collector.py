"""Python's garbage collector, set for a server: few objects of ours form cycles, and looking for them is not free."""

import gc

#: Allocations between two looks at the youngest objects, and how many of these make one of the older ones.
_YOUNG, _OLDER, _OLDEST = 20_000, 20, 50


def calm_collector() -> None:
    """Leave out of every later look what is there now, such as modules and routes, and look less often.

    Requests free almost all that they make by counting references; an import of 100,000 rows spent a third of its time
    looking for cycles that were not there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDEST)
