"""Route and rasters → the route with a height at each vertex."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_routes import chainage
from geo_routes.errors import UnusableInput
from geo_routes.heights import telling
from geo_routes.heights.geotiff import open_geotiff
from geo_routes.heights.spans import Span, ends_at, find_spans, inside
from geo_routes.model import BoolArray, FloatArray, Route, fold
from geo_routes.survey import Survey, measure

# Where in `Route.extra`, and in the route file, it is told where the heights are from.
MEMBER = "raster_heights"
_DECIMALS = 3

Path = str | os.PathLike[str]


def sample_heights(
    route: Route, raster: Path | Sequence[Path], *, height_datum: str | None = None
) -> Route:
    """Give each vertex of a route the height that rasters of the ground have there.

    Between the pixels the heights are bilinear. A raster shows the ground: in tunnels and on
    bridges and viaducts the height is interpolated linearly by chainage between the portals.

    Parameters
    ----------
    route : Route
        Heights that it has are replaced.
    raster : path-like or sequence of path-like
        GeoTIFF files with one band of heights, in any reference system with a known way from
        WGS 84. Where they overlap, the first that has a height counts.
    height_datum : str, optional
        What the heights are counted from. By default what the rasters say, else what the route
        says.

    Returns
    -------
    Route
        With `height_m`, NaN where there is none (None where there is none at all); with
        `height_datum`; with ``extra["raster_heights"]``, which names the rasters and holds the
        chainages that were interpolated (``interpolated_m``) or have no height (``missing_m``);
        and with remarks on all of this. Nothing is heightened outside the rasters, where a pixel
        that counts has no height, and within a structure that lacks a portal, such as a tunnel in
        which the route ends.

    Raises
    ------
    UnusableInput
        If a raster cannot be used, several are counted from different datums, or rasterio is not
        installed.
    """
    paths = [raster] if isinstance(raster, str | os.PathLike) else list(raster)
    if not paths:
        reason = "no raster is named"
        raise UnusableInput(reason, remedy="name one or more GeoTIFF files")
    # No kilometres along a line without length, and so no structures and portals either.
    survey = measure(route, figures=("length", "structures"))
    spans = find_spans(survey.structures, length_m=survey.length_m)
    off_ground = _off_ground(survey, spans)
    places = np.concatenate((route.lonlat[~off_ground], _portals(survey, spans)))
    sampled = _sample(places, paths)
    on_ground = int(np.count_nonzero(~off_ground))
    spans = _with_heights(survey, spans, sampled.height_m[on_ground:])
    height_m = np.full(len(route.lonlat), np.nan)
    height_m[~off_ground] = sampled.height_m[:on_ground]
    for span in spans:
        mine = inside(span, survey.chainage_m)
        share = (survey.chainage_m[mine] - span.from_m) / (span.to_m - span.from_m)
        height_m[mine] = span.from_height_m + share * (span.to_height_m - span.from_height_m)
    missing_m = _missing_m(survey, np.isnan(height_m))
    known = bool(np.isfinite(height_m).any())
    datum, remarks = telling.choose_datum(route, sampled.datums, height_datum)
    remarks += telling.tell(survey, spans, height_m, off_ground)
    told = {
        "source": [os.path.basename(os.fspath(path)) for path in paths],  # noqa: PTH119
        "interpolated_m": [
            [round(s.from_m, _DECIMALS), round(s.to_m, _DECIMALS)]
            for s in spans
            if np.isfinite(s.gradient_permille)
        ],
        "missing_m": missing_m,
    }
    labelled = [replace(r, route=route.label) for r in remarks]
    return replace(
        route,
        height_m=height_m if known else None,
        height_datum=datum if known else route.height_datum,
        extra={**route.extra, MEMBER: told} if known else route.extra,
        remarks=(*route.remarks, *fold(labelled)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sampled:
    height_m: FloatArray
    datums: tuple[tuple[str, str | None], ...]


def _sample(lonlat: FloatArray, paths: Sequence[Path]) -> _Sampled:
    """Sample rasters one after the other; tell what those say of their datum that had a height."""
    height_m = np.full(len(lonlat), np.nan)
    datums: list[tuple[str, str | None]] = []
    for path in paths:
        with open_geotiff(path) as raster:
            wanted = np.flatnonzero(np.isnan(height_m))
            height_m[wanted] = raster.heights_m(lonlat[wanted])
            if np.isfinite(height_m[wanted]).any():
                datums.append((raster.source, raster.height_datum))
    return _Sampled(height_m=height_m, datums=tuple(datums))


def _off_ground(survey: Survey, spans: Sequence[Span]) -> BoolArray:
    off_ground = np.zeros(len(survey.chainage_m), dtype=bool)
    for span in spans:
        off_ground |= inside(span, survey.chainage_m)
    for span in spans:
        # The ends of a line that lie in a structure are at no portal.
        first, last = ends_at(span, survey.length_m)
        if first:
            off_ground |= survey.chainage_m <= span.from_m
        if last:
            off_ground |= survey.chainage_m >= span.to_m
    return off_ground


def _portals(survey: Survey, spans: Sequence[Span]) -> FloatArray:
    if not spans:
        return np.empty((0, 2))
    places_m = np.array([(s.from_m, s.to_m) for s in spans]).ravel()
    return chainage.interpolate(survey.ruler, np.clip(places_m, 0.0, survey.length_m))


def _with_heights(
    survey: Survey, spans: Sequence[Span], portal_height_m: FloatArray
) -> tuple[Span, ...]:
    heights = []
    for span, pair in zip(spans, portal_height_m.reshape(-1, 2).tolist(), strict=True):
        ends = zip(ends_at(span, survey.length_m), pair, strict=True)
        first_m, last_m = (np.nan if at_end else height_m for at_end, height_m in ends)
        heights.append(replace(span, from_height_m=first_m, to_height_m=last_m))
    return tuple(heights)


def _missing_m(survey: Survey, missing: BoolArray) -> list[list[float]]:
    """Chainages of the first and the last vertex of each run without a height."""
    return [
        [round(float(survey.chainage_m[i]), _DECIMALS) for i in (first, last)]
        for first, last in telling.runs(missing)
    ]
