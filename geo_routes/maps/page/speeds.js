/* Speeds on the map: what a stretch is run at, or may be run at. */
(function (geoRoutes) {
  "use strict";

  const DASH = "\u00a0\u2013\u00a0";
  const UNIT = "\u00a0km/h";

  function span(low, high, formats) {
    const ends = [low, high].map((kmh) => formats.number(kmh, 0));
    return (ends[0] === ends[1] ? ends[0] : ends.join(DASH)) + UNIT;
  }

  /* What a row of the legend stands for. */
  geoRoutes.speedWords = function (told, words, formats) {
    return told.speed
      ? span(told.speed.from_kmh, told.speed.to_kmh, formats)
      : words.speeds.not_run;
  };

  geoRoutes.hasSpeeds = (data) => data.colour === "speed" || data.colour === "permitted_speed";

  function title(route, run, words, formats) {
    return run.kind === "not_run" ? words.speeds.not_run : span(run.low_kmh, run.high_kmh, formats);
  }

  geoRoutes.speedPopup = function (route, run, words, formats) {
    const made = geoRoutes.popup(title(route, run, words, formats), geoRoutes.label(route, words));
    made.row(words.speeds.train, route.train);
    if (!route.sketch) {
      made.row(words.chainage, formats.kilometres(run.from_m) + DASH + formats.kilometres(run.to_m));
      made.row(words.length, formats.kilometres(run.to_m - run.from_m));
    }
    return made.box;
  };

  /* In short beside the pointer; a finger has none, and opens the popup. */
  geoRoutes.tellSpeedOnHover = function (line, route, run, words, formats) {
    if (!route.train || !window.matchMedia("(hover: hover)").matches) {
      return;
    }
    line.bindTooltip(
      function () {
        const box = geoRoutes.element("div");
        box.appendChild(geoRoutes.element("strong", title(route, run, words, formats)));
        return box;
      },
      { sticky: true, className: "geo-routes-tip" },
    );
  };
})((window.geoRoutes = window.geoRoutes || {}));
