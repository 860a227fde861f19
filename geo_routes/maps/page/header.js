/* What stands around the map: title, key figures, comparison, sources. */
(function (geoRoutes) {
  "use strict";

  const MOST_ROWS = 2000;

  function facts(list, name, value, note) {
    const cell = geoRoutes.element("div");
    cell.appendChild(geoRoutes.element("dt", name));
    cell.appendChild(geoRoutes.element("dd", value));
    if (note) {
      cell.appendChild(geoRoutes.element("dd", note, "note"));
    }
    list.appendChild(cell);
  }

  function verdictText(verdict, words, formats) {
    const declared = words.declared + " " + formats.figure(verdict.declared, verdict.unit);
    return declared + ", " + words.outcomes[verdict.outcome];
  }

  function verdictNotes(route, figures, words, formats) {
    return route.verdicts
      .filter((verdict) => figures.includes(verdict.figure))
      .map((verdict) => verdictText(verdict, words, formats))
      .join("; ");
  }

  function singleFacts(list, route, words, formats) {
    const figures = route.figures;
    const lengthName = route.sketch ? words.sketch_length : words.length;
    const length = formats.length(figures.length_m, figures.length_uncertainty_m);
    facts(list, lengthName, length, verdictNotes(route, ["length"], words, formats));
    const tunnelNotes = verdictNotes(route, ["tunnel_fraction", "tunnel_length"], words, formats);
    let known = "";
    if (figures.tunnel_fraction !== null && figures.known_fraction < 1 - 1e-9) {
      known = words.known + " " + formats.share(figures.known_fraction) + "; ";
    }
    facts(list, words.tunnel_share, formats.tunnelShare(figures), known + tunnelNotes);
    facts(list, words.stations, formats.number(figures.stations, 0), "");
    if (route.sources.status) {
      facts(list, words.status, words.statuses[route.sources.status] || route.sources.status, "");
    }
  }

  function sumFacts(list, data, words, formats) {
    const total = data.routes.reduce((sum, route) => sum + route.figures.length_m, 0);
    const places = data.routes.flatMap((route) => route.stations.map((s) => s.at.join() + s.name));
    const stations = new Set(places).size;
    facts(list, words.routes, formats.number(data.routes.length, 0), "");
    facts(list, words.length_together, formats.kilometres(total), "");
    facts(list, words.stations, formats.number(stations, 0), "");
  }

  geoRoutes.fillHeader = function (data, words, formats) {
    const header = document.getElementById("head");
    const title = data.title || (data.routes.length === 1 ? words.unnamed_route : words.several);
    document.title = title.slice(0, 200);
    header.appendChild(geoRoutes.element("h1", title));
    const list = geoRoutes.element("dl", null, "facts");
    if (data.routes.length === 1) {
      singleFacts(list, data.routes[0], words, formats);
    } else {
      sumFacts(list, data, words, formats);
    }
    header.appendChild(list);
    if (data.routes.some((route) => route.sketch)) {
      const text = data.routes.length === 1 ? words.sketch : words.sketch_some;
      header.appendChild(geoRoutes.element("p", text, "sketch"));
    }
  };

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
    const head = table.createTHead().insertRow();
    for (const name of [words.route, words.length, words.tunnel_share, words.stations, words.verdict]) {
      const cell = geoRoutes.element("th", name);
      cell.scope = "col";
      head.appendChild(cell);
    }
    const body = table.createTBody();
    for (const route of data.routes.slice(0, MOST_ROWS)) {
      const row = body.insertRow();
      const name = geoRoutes.element("th");
      name.scope = "row";
      const button = geoRoutes.element("button", route.name || route.id || words.unnamed_route, "link");
      button.type = "button";
      button.addEventListener("click", () => show(route));
      name.appendChild(button);
      row.appendChild(name);
      const figures = route.figures;
      const length = formats.length(figures.length_m, figures.length_uncertainty_m);
      const sketch = route.sketch ? " (" + words.sketch_word + ")" : "";
      const verdicts = route.verdicts.map((verdict) => verdictText(verdict, words, formats)).join("; ");
      row.appendChild(geoRoutes.element("td", length + sketch));
      row.appendChild(geoRoutes.element("td", formats.tunnelShare(figures)));
      row.appendChild(geoRoutes.element("td", formats.number(figures.stations, 0)));
      row.appendChild(geoRoutes.element("td", verdicts || "\u2013"));
    }
    frame.appendChild(table);
    box.appendChild(frame);
    if (data.routes.length > MOST_ROWS) {
      const more = formats.number(data.routes.length - MOST_ROWS, 0);
      box.appendChild(geoRoutes.element("p", words.more_rows + " " + more));
    }
  };

  geoRoutes.fillSources = function (data, words, formats) {
    const box = document.getElementById("sources");
    box.appendChild(geoRoutes.element("h2", words.sources));
    const seen = new Map();
    for (const route of data.routes) {
      const kept = route.sources;
      const parts = [kept.source, kept.licence, kept.retrieved];
      if (kept.accuracy_m !== null) {
        parts.push(words.accuracy + " " + formats.number(kept.accuracy_m, kept.accuracy_m < 10 ? 1 : 0) + "\u00a0m");
      }
      for (const verdict of route.verdicts) {
        parts.push(verdict.source ? words.declared + ": " + verdict.source : null);
      }
      const text = [...new Set(parts.filter((part) => part))].join(" \u00b7 ") || words.no_source;
      seen.set(text, (seen.get(text) || []).concat(route.name || words.unnamed_route));
    }
    for (const [text, names] of seen) {
      const shown = names.length > 5 ? names.slice(0, 5).join(", ") + ", \u2026" : names.join(", ");
      const line = geoRoutes.element("p");
      line.appendChild(geoRoutes.element("bdi", shown));
      line.appendChild(document.createTextNode(": "));
      line.appendChild(geoRoutes.element("bdi", text));
      box.appendChild(line);
    }
    box.appendChild(geoRoutes.element("p", words.background + " geo_routes " + data.version + "."));
  };
})((window.geoRoutes = window.geoRoutes || {}));
