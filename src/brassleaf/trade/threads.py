"""Threads of fitting ends by size: which thread a -8 of each family has. Tables only; `ends` reads them.

Sources, by the keys that the tables name:

- gageref: https://gageref.com/hydraulic-fittings/guides/hydraulic-fitting-thread-chart (domain notes, section 2)
- hansa: HANSA-FLEX folder, https://www.scribd.com/document/524405970/Gut-zu-wissen-Folder-EN-Einzelseiten
- reference: tables of a public project that names ISO 228-1, ASME B1.20.1, SAE J514, SAE J1453 and ISO 8434-1
- ryco: https://www.ryco.com.au/test-codes-jis-threads/
- trade: general trade knowledge, no page seen: verify before relying on it
"""

from collections.abc import Mapping

#: Dash of the tube to UN thread. -4 to -16: gageref; -2, -3, -5, -14 and above -16: reference (SAE J514, ISO 8434-2).
JIC: Mapping[int, str] = {
    2: "5/16-24", 3: "3/8-24", 4: "7/16-20", 5: "1/2-20", 6: "9/16-18", 8: "3/4-16", 10: "7/8-14", 12: "1-1/16-12",
    14: "1-3/16-12", 16: "1-5/16-12", 20: "1-5/8-12", 24: "1-7/8-12", 32: "2-1/2-12",
}  # fmt: skip
#: -4 to -16: gageref; -20, -24: reference (SAE J1453, ISO 8434-3).
ORFS: Mapping[int, str] = {
    4: "9/16-18", 6: "11/16-16", 8: "13/16-16", 10: "1-14", 12: "1-3/16-12", 16: "1-7/16-12", 20: "1-11/16-12",
    24: "2-12",
}  # fmt: skip
#: -2, -3, -4, -5, -8 and -10 share the thread of JIC (domain notes, section 1); -6 and -12: trade (SAE J512).
SAE_45: Mapping[int, str] = {
    2: "5/16-24", 3: "3/8-24", 4: "7/16-20", 5: "1/2-20", 6: "5/8-18", 8: "3/4-16", 10: "7/8-14", 12: "1-1/16-14",
}  # fmt: skip
#: Nominal pipe size in sixteenths to size and threads per inch. To 1 in: gageref; above: reference (ASME B1.20.1).
NPT: Mapping[int, str] = {
    2: "1/8-27", 4: "1/4-18", 6: "3/8-18", 8: "1/2-14", 12: "3/4-14", 16: "1-11.5", 20: "1-1/4-11.5",
    24: "1-1/2-11.5", 32: "2-11.5",
}  # fmt: skip
#: British pipe. To 1 in: gageref; 5/8 and above 1 in: reference (ISO 228-1).
BSP: Mapping[int, str] = {
    2: "1/8-28", 4: "1/4-19", 6: "3/8-19", 8: "1/2-14", 10: "5/8-14", 12: "3/4-14", 16: "1-11", 20: "1-1/4-11",
    24: "1-1/2-11", 32: "2-11",
}  # fmt: skip
BSPP: Mapping[int, str] = {dash: f"G {thread}" for dash, thread in BSP.items()}
BSPT: Mapping[int, str] = {dash: f"R {thread}" for dash, thread in BSP.items()}

#: 24° cone, tube diameter in mm to thread. Source: reference (ISO 8434-1); 14S: trade.
DIN_LIGHT: Mapping[int, str] = {
    6: "M12x1.5", 8: "M14x1.5", 10: "M16x1.5", 12: "M18x1.5", 15: "M22x1.5", 18: "M26x1.5", 22: "M30x2", 28: "M36x2",
    35: "M45x2", 42: "M52x2",
}  # fmt: skip
DIN_HEAVY: Mapping[int, str] = {
    6: "M14x1.5", 8: "M16x1.5", 10: "M18x1.5", 12: "M20x1.5", 14: "M22x1.5", 16: "M24x1.5", 20: "M30x2", 25: "M36x2",
    30: "M42x2", 38: "M52x2",
}  # fmt: skip
#: Dash of the hose to the tube that its 24° ends are made for. Source: hansa.
LIGHT_TUBES: Mapping[int, int] = {4: 8, 5: 10, 6: 12, 8: 15, 10: 18, 12: 22, 16: 28, 20: 35, 24: 42}
HEAVY_TUBES: Mapping[int, int] = {4: 10, 5: 12, 6: 14, 8: 16, 10: 20, 12: 25, 16: 30, 20: 38}

#: Japanese 30° cones in metric threads. The threads: ryco; which dash has which: trade.
KOMATSU: Mapping[int, str] = {
    4: "M14x1.5", 6: "M18x1.5", 8: "M22x1.5", 10: "M24x1.5", 12: "M30x1.5", 16: "M33x1.5", 20: "M36x1.5",
}  # fmt: skip
#: French 24° cones for tubes of pipe sizes (13.25 to 48.25 mm outside). Source: trade.
GAZ: Mapping[int, str] = {
    4: "M20x1.5", 6: "M24x1.5", 8: "M30x1.5", 12: "M36x1.5", 16: "M45x1.5", 20: "M52x1.5", 24: "M58x2",
}  # fmt: skip
#: Parallel metric ports with an O-ring (ISO 6149, DIN 3852), by the hose that they are used with. Source: trade.
METRIC: Mapping[int, str] = {
    2: "M10x1", 3: "M12x1.5", 4: "M14x1.5", 5: "M16x1.5", 6: "M18x1.5", 8: "M22x1.5", 10: "M27x2", 12: "M33x2",
    16: "M42x2", 20: "M48x2", 24: "M60x2",
}  # fmt: skip


def _by_hose(tubes: Mapping[int, int], threads: Mapping[int, str]) -> Mapping[int, str]:
    return {dash: threads[tube] for dash, tube in tubes.items()}


#: The 24° thread that goes with a hose, by its dash.
LIGHT: Mapping[int, str] = _by_hose(LIGHT_TUBES, DIN_LIGHT)
HEAVY: Mapping[int, str] = _by_hose(HEAVY_TUBES, DIN_HEAVY)
