"""Styles, genders, shapes and threads of ends, against the published tables (section 2 of the domain notes)."""

import pytest

from brassleaf.trade import threads
from brassleaf.trade.ends import (
    GENDERS,
    SHAPES,
    STYLES,
    beyond,
    named,
    parse_end_size,
    place,
    spellings,
    table,
)

# section 2, gageref: dash, JIC, ORFS
CHART = [
    (4, "7/16-20", "9/16-18"),
    (6, "9/16-18", "11/16-16"),
    (8, "3/4-16", "13/16-16"),
    (10, "7/8-14", "1-14"),
    (12, "1-1/16-12", "1-3/16-12"),
    (16, "1-5/16-12", "1-7/16-12"),
]
# section 2, gageref: pipe, its dash, threads per inch of NPT and BSP
PIPES = [
    ("1/8", 2, "27", "28"),
    ("1/4", 4, "18", "19"),
    ("3/8", 6, "18", "19"),
    ("1/2", 8, "14", "14"),
    ("3/4", 12, "14", "14"),
    ("1", 16, "11.5", "11"),
]
# section 2, HANSA-FLEX: dash of the hose, DKOL thread and tube, DKOS thread and tube
CONES = [
    (4, "M14x1.5", 8, "M18x1.5", 10),
    (5, "M16x1.5", 10, "M20x1.5", 12),
    (6, "M18x1.5", 12, "M22x1.5", 14),
    (8, "M22x1.5", 15, "M24x1.5", 16),
    (10, "M26x1.5", 18, "M30x2", 20),
    (12, "M30x2", 22, "M36x2", 25),
    (16, "M36x2", 28, "M42x2", 30),
    (20, "M45x2", 35, "M52x2", 38),
    (24, "M52x2", 42, None, None),
]


def thread_of(style, dash):
    return STYLES[named("style", style)].threads.get(dash)


@pytest.mark.parametrize(("dash", "jic", "orfs"), CHART)
def test_un_threads_by_dash(dash, jic, orfs):
    assert thread_of("JIC", dash) == jic
    assert thread_of("FFOR", dash) == orfs
    assert thread_of("O-ring boss", dash) == jic
    assert parse_end_size(jic, "JIC 37°") == parse_end_size(orfs, "orfs") == dash


@pytest.mark.parametrize(("pipe", "dash", "npt", "bsp"), PIPES)
def test_pipe_threads(pipe, dash, npt, bsp):
    assert thread_of("NPTF", dash) == thread_of("npsm", dash) == f"{pipe}-{npt}"
    assert thread_of("BSPP", dash) == thread_of("JIS 30°", dash) == f"G {pipe}-{bsp}"
    assert thread_of("BSPT", dash) == f"R {pipe}-{bsp}"
    assert parse_end_size(f"G{pipe}-{bsp}", "BSP") == parse_end_size(f"{pipe}-{npt}", "NPT") == dash
    assert parse_end_size(f"G {pipe}", "BSPP") == dash


@pytest.mark.parametrize(("dash", "light", "light_tube", "heavy", "heavy_tube"), CONES)
def test_24_degree_threads_by_hose(dash, light, light_tube, heavy, heavy_tube):
    assert (thread_of("DKO-L", dash), threads.LIGHT_TUBES[dash]) == (light, light_tube)
    assert (thread_of("DIN 24° heavy", dash), threads.HEAVY_TUBES.get(dash)) == (heavy, heavy_tube)


@pytest.mark.parametrize(
    ("text", "style", "dash"),
    [
        ("-6", None, 6), (8, None, 8), ("1/2", "NPT", 8), ("7/16-20", "JIC", 4), ("9/16-18", "jic", 6),
        ("9/16-18", "ORFS", 4), ("9/16-18", None, None), ("1-14", "ORFS", 10), ("1-5/16-12 UN", "JIC", 16),
        ("3/4-16 UNF", "JIC", 8), ("M18x1.5", "DKOL", None), ("DN12", None, None), ("12 mm", None, None),
        ("13/32", None, None), ("9/16-18", "no such style", None), ("R 3/4-14", "BSP taper", 12),
        (None, None, None),
    ],
)  # fmt: skip
def test_end_sizes(text, style, dash):
    assert parse_end_size(text, style) == dash


@pytest.mark.parametrize(
    ("field", "text", "name"),
    [
        ("style", "JIC", "JIC 37"), ("style", "jic-37°", "JIC 37"), ("style", "O-Ring Face Seal", "ORFS"),
        ("style", "bsp", "BSPP"), ("style", "SAE ORB", "ORB"), ("style", "c61", "Code 61 flange"),
        ("style", "DIN 3901", "DKL"), ("style", "French Gaz", "GAZ"), ("style", "thing", None), ("style", "", None),
        ("gender", "F", "female"), ("gender", "MALE", "male"),
        ("shape", "90°", "90"), ("shape", "90 elbow", "90"), ("shape", "67½°", "67.5"), ("shape", "67 1/2°", "67.5"),
        ("shape", "90L", "90 long drop"), ("shape", "45° elbow short", "45 short drop"), ("shape", "str", "straight"),
    ],
)  # fmt: skip
def test_every_spelling_means_one_row(field, text, name):
    assert named(field, text) == name


def test_the_lists_have_the_common_ends():
    assert {"JIC 37", "ORFS", "ORB", "NPTF", "NPT", "NPSM", "BSPP", "BSPT", "DKOL", "DKOS", "DIN 60", "DKL", "DKS",
            "JIS 30", "JIS 60", "Komatsu 30", "Metric", "Code 61 flange", "Code 62 flange", "CAT flange", "GAZ",
            } <= set(STYLES)  # fmt: skip
    assert set(GENDERS) == {"female", "male"}
    assert {"straight", "30", "45", "60", "67.5", "90", "110", "135", "block", "banjo", "90 compact drop"} <= set(
        SHAPES
    )
    assert all(row.standard for row in STYLES.values())


def test_what_is_asked_is_found_under_every_spelling():
    asked = spellings("style", "jic")
    assert asked[0] == "jic"
    assert {"JIC 37", "JIC 37°", "JIC"} <= set(asked)
    assert spellings("style", "thing") == ("thing",)
    assert spellings("brand", "JIC") == ("JIC",)


def test_lists_come_in_the_order_of_their_tables():
    sizes = table("dashSize")
    assert sizes[:3] == ("-02", "-03", "-04")
    assert sizes.index("-64") < sizes.index("M10x1") < sizes.index("M14x1.5") < sizes.index("M52x2")
    assert table("size")[-1] == "-64"
    assert sorted(["zig", "ORFS", "jic"], key=lambda text: place("style", text)) == ["jic", "ORFS", "zig"]
    assert sorted(["135", "90", "straight"], key=lambda text: place("shape", text)) == ["straight", "90", "135"]


@pytest.mark.parametrize(
    ("field", "values", "left"),
    [
        ("style", ["jic", "JIC 37°", "ORFS", "Wing"], ["Wing"]),
        ("shape", ["90", "90°", "bent"], ["bent"]),
        ("size", ["-08", '1/2"'], ['1/2"']),
        ("dashSize", ["M22x1.5", "M8x1"], ["M8x1"]),
    ],
)
def test_what_no_name_of_the_table_would_find_is_beyond_it(field, values, left):
    assert beyond(field, values) == left
