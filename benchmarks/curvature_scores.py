"""Score estimators of curvature on made lines, and write the page of scores.

Run it as ``python -m benchmarks.curvature_scores --seeds 31:51 --out FILE``; ``--quick`` for a
look at a few lines.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.curvature import page, trials

PAGE = "docs/reference/curvature-scores.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.curvature_scores", description=__doc__
    )
    parser.add_argument(
        "--seeds",
        type=_seeds,
        default=_seeds("31:51"),
        metavar="FIRST:END",
        help="as a Python range, the end left out (31:51)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the page goes (stdout)")
    parser.add_argument("--quick", action="store_true", help="three kinds of lines only")
    given = parser.parse_args(arguments)
    seeds: range = given.seeds
    rows = trials.QUICK if given.quick else (*trials.CURVED, *trials.STRAIGHT)
    vertices = trials.QUICK_TIMED_VERTICES if given.quick else trials.TIMED_VERTICES
    found = trials.run(seeds, rows, estimators=trials.ESTIMATORS, tell=_tell)
    reference_s, ratios = trials.time_ratios(vertices, estimators=trials.ESTIMATORS)
    _tell(f"three-point: {reference_s:.2f} s for 100,000 vertices")
    options = f"--seeds {seeds.start}:{seeds.stop}{' --quick' if given.quick else ''} --out {PAGE}"
    command = f".venv/bin/python -m benchmarks.curvature_scores {options}"
    text = page.write_page(found, page.times_section(vertices, ratios), command=command)
    if given.out is None:
        sys.stdout.write(text)
    else:
        given.out.write_text(text, encoding="utf-8")


def _seeds(text: str) -> range:
    first, _, end = text.partition(":")
    try:
        seeds = range(int(first), int(end))
    except ValueError:
        seeds = range(0)
    if not seeds or seeds.start < 0:
        reason = f"{text!r} is no range of seeds; give the first and the end, such as 31:51"
        raise argparse.ArgumentTypeError(reason)
    return seeds


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
