/* The alignment of a line: what each element is, on the map and as a table. */
(function (geoRoutes) {
  "use strict";

  const MOST_ROWS = 2000;
  const CLOSEST_ZOOM = 16;
  const DASH = "\u00a0\u2013\u00a0";

  /* What a row of the legend stands for. */
  geoRoutes.curveWords = function (told, words, formats) {
    if (told.radius) {
      const { from_m: from, to_m: to } = told.radius;
      if (from === null && to === null) {
        return words.elements.circular_curve;
      }
      const bound = (value) => formats.figure(value, "m");
      if (from === null) {
        return "R < " + bound(to);
      }
      if (to === null) {
        return "R \u2265 " + bound(from);
      }
      return "R " + formats.trimmed(from) + DASH + bound(to);
    }
    return words.elements[told.kind.endsWith("-uncertain") ? "uncertain_curve" : told.kind];
  };

  function title(element, words) {
    const name = words.elements[element.kind];
    return element.hand ? name + ", " + words.elements[element.hand] : name;
  }

  function status(element, words) {
    return words.elements[element.status === "unresolved" ? "unproved" : element.status];
  }

  function radius(element, formats) {
    return element.radius_m === undefined ? DASH.trim() : formats.radius(element.radius_m);
  }

  function interval(element, words, formats) {
    if (element.radius_m === undefined) {
      return DASH.trim();
    }
    const ends = (digits) => [element.low_m, element.high_m].map((end) => formats.radius(end, digits));
    if (element.high_m === null) {
      return ends(3)[0] + DASH + words.elements.straight;
    }
    /* As many digits as tell the ends apart. */
    const digits = [3, 4, 5].find((count) => ends(count)[0] !== ends(count)[1]) || 5;
    return ends(digits).join(DASH);
  }

  function turn(element, formats) {
    return element.turn_deg === undefined
      ? DASH.trim()
      : formats.number(element.turn_deg, 1) + "\u00b0";
  }

  function stretch(told, formats) {
    return formats.kilometres(told.from_m) + DASH + formats.kilometres(told.to_m);
  }

  function told(route, run) {
    return run.element === null ? null : route.elements[run.element];
  }

  geoRoutes.elementPopup = function (route, run, words, formats) {
    const element = told(route, run);
    const label = geoRoutes.label(route, words);
    if (!element) {
      const made = geoRoutes.popup(words.elements[run.kind], label);
      if (!route.sketch) {
        made.row(words.chainage, stretch(run, formats));
      }
      return made.box;
    }
    const made = geoRoutes.popup(title(element, words), label);
    if (element.kind === "circular_curve") {
      if (element.radius_m !== undefined) {
        made.row(words.elements.radius, radius(element, formats));
        made.row(words.elements.interval, interval(element, words, formats));
      }
      made.row(words.elements.status, status(element, words));
    }
    made.row(words.chainage, stretch(element, formats));
    made.row(words.length, formats.metres(element.to_m - element.from_m));
    if (element.turn_deg !== undefined) {
      made.row(words.elements.turn, turn(element, formats));
    }
    return made.box;
  };

  /* In short beside the pointer; a finger has none, and opens the popup. */
  geoRoutes.tellOnHover = function (line, route, run, words, formats) {
    if (!route.elements || !window.matchMedia("(hover: hover)").matches) {
      return;
    }
    line.bindTooltip(
      function () {
        const element = told(route, run);
        const box = geoRoutes.element("div");
        const name = element ? title(element, words) : words.elements[run.kind];
        box.appendChild(geoRoutes.element("strong", name));
        if (element && element.kind === "circular_curve") {
          const size =
            element.radius_m === undefined
              ? status(element, words)
              : "R " + radius(element, formats) + " (" + interval(element, words, formats) + ")";
          const doubt = element.status === "uncertain" ? ", " + status(element, words) : "";
          box.appendChild(geoRoutes.element("div", size + doubt));
        }
        if (!route.sketch) {
          box.appendChild(geoRoutes.element("div", stretch(element || run, formats)));
        }
        return box;
      },
      { sticky: true, className: "geo-routes-tip" },
    );
  };

  /* The places of an element, which may lie on several parts of the line. */
  function placesOf(route, index, unit) {
    return route.runs
      .filter((run) => run.element === index)
      .map((run) => geoRoutes.decode(run.line, unit));
  }

  /* A halo around the element whose row has the pointer or the focus. */
  function halo(map, unit) {
    let shown = null;
    return {
      show: function (route, index) {
        this.hide();
        const renderer = L.svg({ padding: 0.4 });
        const style = { renderer, color: "#00a3ff", weight: 15, opacity: 0.55, interactive: false };
        shown = L.polyline(placesOf(route, index, unit), style).addTo(map);
      },
      hide: function () {
        if (shown) {
          shown.remove();
          shown.options.renderer.remove();
          shown = null;
        }
      },
    };
  }

  function columns(words, formats) {
    return [
      { name: words.chainage, fill: (element) => stretch(element, formats) },
      { name: words.elements.element, fill: (element) => title(element, words) },
      { name: words.elements.radius, figure: true, fill: (element) => radius(element, formats) },
      {
        name: words.elements.interval,
        figure: true,
        fill: (element) => interval(element, words, formats),
      },
      {
        name: words.length,
        figure: true,
        fill: (element) => formats.metres(element.to_m - element.from_m),
      },
      { name: words.elements.turn, figure: true, fill: (element) => turn(element, formats) },
      {
        name: words.elements.status,
        fill: (element) =>
          element.kind === "circular_curve" ? status(element, words) : DASH.trim(),
      },
    ];
  }

  function table(map, route, data, words, formats, mark) {
    const made = geoRoutes.element("table");
    const head = made.createTHead().insertRow();
    const all = columns(words, formats);
    for (const column of all) {
      const cell = geoRoutes.element("th", column.name, column.figure ? "figure" : "");
      cell.scope = "col";
      head.appendChild(cell);
    }
    const body = made.createTBody();
    route.elements.slice(0, MOST_ROWS).forEach(function (element, index) {
      const row = body.insertRow();
      const first = geoRoutes.element("th");
      first.scope = "row";
      const button = geoRoutes.element("button", all[0].fill(element), "link");
      button.type = "button";
      button.addEventListener("click", function () {
        const places = placesOf(route, index, data.unit_deg);
        if (!places.length) {
          return;
        }
        const bounds = L.latLngBounds(places.flat());
        map.fitBounds(bounds, { padding: [60, 60], maxZoom: CLOSEST_ZOOM, animate: false });
        const middle = places[0][Math.floor(places[0].length / 2)];
        const content = geoRoutes.elementPopup(route, { element: index }, words, formats);
        geoRoutes.openPopup(map, middle, content);
        document.getElementById("map").scrollIntoView({ block: "nearest" });
      });
      button.addEventListener("focus", () => mark.show(route, index));
      button.addEventListener("blur", () => mark.hide());
      row.addEventListener("pointerenter", () => mark.show(route, index));
      row.addEventListener("pointerleave", () => mark.hide());
      first.appendChild(button);
      row.appendChild(first);
      for (const column of all.slice(1)) {
        const text = column.fill(element);
        row.appendChild(geoRoutes.element("td", text, column.figure ? "figure" : ""));
      }
    });
    return made;
  }

  geoRoutes.fillElements = function (map, data, words, formats) {
    const routes = data.routes.filter((route) => route.elements);
    if (!routes.length) {
      return;
    }
    const box = document.getElementById("elements");
    box.hidden = false;
    const mark = halo(map, data.unit_deg);
    const details = geoRoutes.element("details");
    const summary = geoRoutes.element("summary");
    const count = routes.reduce((sum, route) => sum + route.elements.length, 0);
    const heading = words.elements.heading + " (" + formats.number(count, 0) + ")";
    summary.appendChild(geoRoutes.element("h2", heading));
    details.appendChild(summary);
    if (count) {
      details.appendChild(geoRoutes.element("p", words.elements.found));
    }
    routes.forEach(function (route, index) {
      const label = geoRoutes.shorten(geoRoutes.label(route, words));
      if (routes.length > 1) {
        details.appendChild(geoRoutes.element("h3", label));
      }
      if (!route.elements.length) {
        details.appendChild(geoRoutes.element("p", words.elements.none));
        return;
      }
      const frame = geoRoutes.element("div", null, "frame");
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      const number = routes.length > 1 ? " " + formats.number(index + 1, 0) : "";
      frame.setAttribute("aria-label", words.elements.heading + number + ": " + label);
      frame.appendChild(table(map, route, data, words, formats, mark));
      details.appendChild(frame);
      if (route.elements.length > MOST_ROWS) {
        const more = formats.number(route.elements.length - MOST_ROWS, 0);
        details.appendChild(geoRoutes.element("p", words.elements.more + " " + more));
      }
    });
    box.appendChild(details);
  };
})((window.geoRoutes = window.geoRoutes || {}));
