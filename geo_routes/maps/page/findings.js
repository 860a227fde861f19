/* What the checks found: marks on the map, and a list that leads to them. */
(function (geoRoutes) {
  "use strict";

  const MOST_MARKS = 500;
  const CLOSE_ZOOM = 14;

  function findingPopup(route, finding, words, formats) {
    const box = geoRoutes.element("div", null, "geo-routes-popup");
    box.setAttribute("role", "status");
    const title = words.severities[finding.severity] + ": " + finding.code;
    box.appendChild(geoRoutes.element("strong", title));
    box.appendChild(geoRoutes.element("p", geoRoutes.shorten(geoRoutes.label(route, words))));
    box.appendChild(geoRoutes.element("p", geoRoutes.shorten(finding.message)));
    if (finding.remedy) {
      box.appendChild(geoRoutes.element("p", geoRoutes.shorten(finding.remedy)));
    }
    if (!route.sketch) {
      const list = geoRoutes.element("dl");
      list.appendChild(geoRoutes.element("dt", words.chainage));
      list.appendChild(geoRoutes.element("dd", formats.kilometres(finding.chainage_m)));
      box.appendChild(list);
    }
    return box;
  }

  function showPopup(map, place, content) {
    const options = { maxWidth: 300, minWidth: 150, className: "geo-routes-frame" };
    L.popup(options).setLatLng(place).setContent(content).openOn(map);
  }

  /* Gives the layer, or null where nothing that was found has a place. */
  geoRoutes.drawFindings = function (map, data, words, formats) {
    const group = L.layerGroup();
    let count = 0;
    for (const route of data.routes) {
      for (const finding of route.findings) {
        if (finding.at === null || count >= MOST_MARKS) {
          continue;
        }
        count += 1;
        const place = geoRoutes.decode(finding.at, data.unit_deg)[0];
        const said = words.severities[finding.severity] + ": " + finding.code;
        const icon = L.divIcon({
          className: "geo-routes-finding " + finding.severity,
          html: "",
          iconSize: [22, 22],
        });
        const mark = L.marker(place, { icon: icon, title: said, alt: said, keyboard: true });
        mark.on("click keypress", function (event) {
          if (event.type === "click" || event.originalEvent.key === "Enter") {
            showPopup(map, place, findingPopup(route, finding, words, formats));
          }
        });
        group.addLayer(mark);
      }
    }
    return count ? group : null;
  };

  geoRoutes.fillFindings = function (map, data, words, formats) {
    const rows = data.routes.flatMap((route) => route.findings.map((finding) => [route, finding]));
    if (!rows.length) {
      return;
    }
    const box = document.getElementById("findings");
    box.hidden = false;
    const details = geoRoutes.element("details");
    details.open = rows.some(([, finding]) => finding.severity === "error");
    const summary = geoRoutes.element("summary");
    const title = words.findings + " (" + formats.number(rows.length, 0) + ")";
    summary.appendChild(geoRoutes.element("h2", title));
    details.appendChild(summary);
    const list = geoRoutes.element("ul");
    for (const [route, finding] of rows) {
      const line = geoRoutes.element("li");
      line.appendChild(
        geoRoutes.element("span", words.severities[finding.severity], "severity " + finding.severity),
      );
      line.append(" ", geoRoutes.element("code", finding.code), " ");
      if (finding.at !== null) {
        const place = geoRoutes.decode(finding.at, data.unit_deg)[0];
        const where = formats.kilometres(finding.chainage_m);
        const button = geoRoutes.element("button", where, "link");
        button.type = "button";
        button.addEventListener("click", function () {
          map.setView(place, Math.max(map.getZoom(), CLOSE_ZOOM), { animate: false });
          showPopup(map, place, findingPopup(route, finding, words, formats));
          document.getElementById("map").scrollIntoView({ block: "nearest" });
        });
        line.append(button, " ");
      }
      if (data.routes.length > 1) {
        const name = geoRoutes.shorten(geoRoutes.label(route, words));
        line.append(geoRoutes.element("bdi", name), ": ");
      }
      const remedy = finding.remedy ? "; " + finding.remedy : "";
      line.appendChild(geoRoutes.element("bdi", geoRoutes.shorten(finding.message + remedy, 1000)));
      list.appendChild(line);
    }
    details.appendChild(list);
    box.appendChild(details);
  };
})((window.geoRoutes = window.geoRoutes || {}));
