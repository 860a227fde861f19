/* What stands around the map: title, key figures, comparison, sources. */
(function (geoRoutes) {
  "use strict";

  const MOST_ROWS = 2000;
  const MOST_NAMES = 5;

  function facts(list, name, value, notes = []) {
    const cell = geoRoutes.element("div");
    cell.appendChild(geoRoutes.element("dt", name));
    cell.appendChild(geoRoutes.element("dd", value));
    for (const note of notes) {
      const line = geoRoutes.element("dd", null, "note");
      line.appendChild(typeof note === "string" ? document.createTextNode(note) : note);
      cell.appendChild(line);
    }
    list.appendChild(cell);
  }

  function verdictLine(verdict, words, formats, name) {
    const line = geoRoutes.element("span");
    const declared = name + " " + formats.figure(verdict.declared, verdict.unit) + ": ";
    line.appendChild(document.createTextNode(declared));
    const outcome = words.outcomes[verdict.outcome];
    line.appendChild(geoRoutes.element("span", outcome, "outcome " + verdict.outcome));
    return line;
  }

  function verdictNotes(route, figures, words, formats) {
    return route.verdicts
      .filter((verdict) => figures.includes(verdict.figure))
      .map((verdict) => verdictLine(verdict, words, formats, words.declared));
  }

  function lengthText(route, formats) {
    const figures = route.figures;
    return route.sketch
      ? formats.about(figures.length_m)
      : formats.length(figures.length_m, figures.length_uncertainty_m);
  }

  function singleFacts(list, route, words, formats) {
    const figures = route.figures;
    const lengthName = route.sketch ? words.sketch_length : words.length;
    const lengthNotes = verdictNotes(route, ["length"], words, formats);
    facts(list, lengthName, lengthText(route, formats), lengthNotes);
    const notes = verdictNotes(route, ["tunnel_fraction", "tunnel_length"], words, formats);
    if (figures.tunnel_fraction !== null && figures.known_fraction < 1 - 1e-9) {
      notes.unshift(words.known + " " + formats.share(figures.known_fraction));
    }
    facts(list, words.tunnel_share, formats.tunnelShare(figures), notes);
    const radius = verdictNotes(route, ["min_radius"], words, formats);
    if (radius.length) {
      facts(list, words.figures.min_radius, formats.radius(figures.min_radius_m), radius);
    }
    if (figures.stations) {
      facts(list, words.stations, formats.number(figures.stations, 0));
    }
    if (route.sources.status) {
      facts(list, words.status, words.statuses[route.sources.status] || route.sources.status);
    }
  }

  function sumFacts(list, data, words, formats) {
    const total = data.routes.reduce((sum, route) => sum + route.figures.length_m, 0);
    const places = data.routes.flatMap((route) => route.stations.map((s) => s.at.join() + s.name));
    const stations = new Set(places).size;
    const sketched = data.routes.some((route) => route.sketch);
    const length = sketched ? formats.about(total) : formats.kilometres(total);
    facts(list, words.routes, formats.number(data.routes.length, 0));
    facts(list, words.length_together, length);
    if (stations) {
      facts(list, words.stations, formats.number(stations, 0));
    }
  }

  geoRoutes.fillHeader = function (data, words, formats) {
    const header = document.getElementById("head");
    const one = data.routes.length === 1;
    const title = data.title || (one ? geoRoutes.label(data.routes[0], words) : words.several);
    document.title = geoRoutes.shorten(title, 200);
    header.appendChild(geoRoutes.element("h1", geoRoutes.shorten(title)));
    const list = geoRoutes.element("dl", null, "facts");
    if (one) {
      singleFacts(list, data.routes[0], words, formats);
    } else {
      sumFacts(list, data, words, formats);
    }
    header.appendChild(list);
    if (data.routes.some((route) => route.sketch)) {
      const text = one ? words.sketch : words.sketch_some;
      header.appendChild(geoRoutes.element("p", text, "sketch"));
    }
  };

  /* A column that says nothing of any route is left out. */
  function comparisonColumns(data, words, formats, show) {
    function name(route) {
      const text = geoRoutes.shorten(geoRoutes.label(route, words));
      const button = geoRoutes.element("button", text, "link");
      button.type = "button";
      button.addEventListener("click", () => show(route));
      const sketch = geoRoutes.element("span", words.sketch_word, "tag");
      return route.sketch ? [button, " ", sketch] : [button];
    }

    function verdicts(route) {
      const lines = route.verdicts.map((verdict) =>
        verdictLine(verdict, words, formats, words.figures[verdict.figure]),
      );
      return lines.length ? lines : ["\u2013"];
    }

    const figure = "figure";
    const columns = [
      { name: words.route, fill: name },
      { name: words.length, className: figure, fill: (route) => [lengthText(route, formats)] },
      {
        name: words.tunnel_share,
        className: figure,
        fill: (route) => [formats.tunnelShare(route.figures)],
      },
    ];
    if (data.routes.some((route) => route.figures.stations)) {
      const fill = (route) => [formats.number(route.figures.stations, 0)];
      columns.push({ name: words.stations, className: figure, fill });
    }
    if (data.routes.some((route) => route.verdicts.length)) {
      columns.push({ name: words.verdict, className: "verdicts", fill: verdicts });
    }
    return columns;
  }

  geoRoutes.fillComparison = function (data, words, formats, show) {
    if (data.routes.length < 2) {
      return;
    }
    const box = document.getElementById("compare");
    box.hidden = false;
    box.appendChild(geoRoutes.element("h2", words.comparison));
    const frame = geoRoutes.element("div", null, "frame");
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", words.comparison);
    const table = geoRoutes.element("table");
    const columns = comparisonColumns(data, words, formats, show);
    const head = table.createTHead().insertRow();
    for (const column of columns) {
      const cell = geoRoutes.element("th", column.name, column.className);
      cell.scope = "col";
      head.appendChild(cell);
    }
    const body = table.createTBody();
    for (const route of data.routes.slice(0, MOST_ROWS)) {
      const row = body.insertRow();
      columns.forEach(function (column, index) {
        const cell = geoRoutes.element(index ? "td" : "th", null, column.className);
        if (!index) {
          cell.scope = "row";
        }
        cell.append(...column.fill(route));
        row.appendChild(cell);
      });
    }
    frame.appendChild(table);
    box.appendChild(frame);
    if (data.routes.length > MOST_ROWS) {
      const more = formats.number(data.routes.length - MOST_ROWS, 0);
      box.appendChild(geoRoutes.element("p", words.more_rows + " " + more));
    }
  };

  function sourceParts(route, words, formats) {
    const kept = route.sources;
    const parts = [kept.source, kept.licence];
    if (kept.retrieved) {
      parts.push(words.retrieved + " " + kept.retrieved);
    }
    if (kept.accuracy_m !== null) {
      const digits = kept.accuracy_m < 10 ? 1 : 0;
      parts.push(words.accuracy + " " + formats.number(kept.accuracy_m, digits) + "\u00a0m");
    }
    for (const verdict of route.verdicts) {
      parts.push(verdict.source ? words.verdict + ": " + verdict.source : null);
    }
    const said = [...new Set(parts.filter((part) => part))];
    return said.length ? said : [words.no_source];
  }

  geoRoutes.fillSources = function (data, words, formats) {
    const box = document.getElementById("sources");
    box.appendChild(geoRoutes.element("h2", words.sources));
    const seen = new Map();
    for (const route of data.routes) {
      const parts = sourceParts(route, words, formats);
      const key = parts.join("\u0000");
      const same = seen.get(key) || { parts, routes: [] };
      same.routes.push(route);
      seen.set(key, same);
    }
    for (const { parts, routes } of seen.values()) {
      const line = geoRoutes.element("p");
      if (data.routes.length > 1) {
        const names = [...new Set(routes.map((route) => geoRoutes.label(route, words)))];
        const more = names.length > MOST_NAMES ? ", \u2026" : "";
        names.slice(0, MOST_NAMES).forEach(function (name, index) {
          line.append(index ? ", " : "", geoRoutes.element("bdi", geoRoutes.shorten(name)));
        });
        line.append(more + ": ");
      }
      parts.forEach(function (part, index) {
        line.append(index ? " \u00b7 " : "", geoRoutes.element("bdi", geoRoutes.shorten(part, 2000)));
      });
      box.appendChild(line);
    }
    box.appendChild(geoRoutes.element("p", words.background + " geo_routes " + data.version + "."));
  };
})((window.geoRoutes = window.geoRoutes || {}));
