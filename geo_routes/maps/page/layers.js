/* Lines, stations and their popups. */
(function (geoRoutes) {
  "use strict";

  const NETWORK = 50;

  /* Delta-coded integers -> [latitude, longitude] pairs for Leaflet. */
  geoRoutes.decode = function (steps, unit) {
    const places = new Array(steps.length / 2);
    let x = 0;
    let y = 0;
    for (let i = 0; i < places.length; i += 1) {
      x += steps[2 * i];
      y += steps[2 * i + 1];
      places[i] = [y * unit, x * unit];
    }
    return places;
  };

  geoRoutes.drawBackground = function (map, background) {
    const pane = map.createPane("geo-routes-land");
    pane.style.zIndex = 150;
    const renderer = L.canvas({ pane: "geo-routes-land", padding: 0.4 });
    const style = getComputedStyle(document.documentElement);
    const land = style.getPropertyValue("--land").trim() || "#f2efe9";
    const water = style.getPropertyValue("--water").trim() || "#d6e2ea";
    const border = style.getPropertyValue("--border-line").trim() || "#a79f93";
    const shared = { pane: "geo-routes-land", renderer: renderer, interactive: false };
    const filled = { ...shared, noClip: true, stroke: true, weight: 0.6, color: land, fillColor: land, fillOpacity: 1 };
    const group = L.layerGroup();
    const near = nearLand();
    let far = null;

    function nearLand() {
      const land = L.layerGroup();
      if (background.world.length) {
        const [west, south, east, north] = background.frame;
        const sea = { ...shared, stroke: false, fillColor: water, fillOpacity: 1 };
        land.addLayer(L.rectangle([[south, west], [north, east]], sea));
      }
      const rings = background.land.map((ring) => geoRoutes.decode(ring, background.unit_deg));
      land.addLayer(L.polygon(rings, filled));
      const borders = background.borders.map((line) => geoRoutes.decode(line, background.unit_deg));
      land.addLayer(L.polyline(borders, { ...shared, weight: 1, color: border, dashArray: "4 3" }));
      return land;
    }

    function farLand() {
      const world = L.layerGroup();
      for (const shift of background.world_shifts) {
        const rings = background.world.map((ring) =>
          geoRoutes.decode(ring, background.world_unit_deg),
        );
        for (const place of rings.flat()) {
          place[1] += shift;
        }
        world.addLayer(L.polygon(rings, filled));
      }
      return world;
    }

    /* Within its frame the near land is all there is to see. Beyond it the world's outline shows,
       and from further away than the frame reaches nothing but that. */
    function settle() {
      const [west, south, east, north] = background.frame;
      const view = map.getBounds();
      const inside = L.latLngBounds([south, west], [north, east]).contains(view);
      const wide = view.getEast() - view.getWest() > east - west;
      const high = view.getNorth() - view.getSouth() > north - south;
      const world = background.world.length > 0;
      if (world && !inside) {
        far = far || farLand();
        group.removeLayer(near);
        group.addLayer(far);
      } else if (far) {
        group.removeLayer(far);
      }
      if (!world || inside || !(wide || high)) {
        group.addLayer(near);
      } else {
        group.removeLayer(near);
      }
    }

    group.on("add", settle);
    map.on("moveend resize", function () {
      if (map.hasLayer(group)) {
        settle();
      }
    });
    return group;
  };

  /* Lines and stations share one canvas: of two, the upper would catch every click. */
  geoRoutes.drawRoutes = function (map, data, words, formats, renderer) {
    const group = L.layerGroup();
    /* Of a whole network the lines would run into each other. */
    const scale = data.routes.length > NETWORK ? 0.6 : 1;
    const thinned = (dash) => dash.split(" ").map((length) => length * scale).join(" ");
    for (const route of data.routes) {
      for (const run of route.runs) {
        const places = geoRoutes.decode(run.line, data.unit_deg);
        const strokes = data.styles[run.kind];
        strokes.forEach(function (stroke, index) {
          const top = index === strokes.length - 1;
          const line = L.polyline(places, {
            renderer: renderer,
            color: stroke.colour,
            weight: stroke.width * scale,
            dashArray: stroke.dash ? thinned(stroke.dash) : null,
            lineCap: stroke.dash || strokes.length > 1 ? "butt" : "round",
            opacity: 1,
            smoothFactor: 1,
            interactive: top,
          });
          if (top) {
            line.on("click", function (event) {
              openPopup(map, event.latlng, runPopup(route, run, words, formats));
            });
            geoRoutes.tellOnHover(line, route, run, words, formats);
            geoRoutes.tellSpeedOnHover(line, route, run, words, formats);
          }
          group.addLayer(line);
        });
      }
    }
    return group;
  };

  const openPopup = (geoRoutes.openPopup = function (map, place, content) {
    const options = { maxWidth: 300, minWidth: 150, className: "geo-routes-frame" };
    L.popup(options).setLatLng(place).setContent(content).openOn(map);
  });

  const popup = (geoRoutes.popup = function (title, subtitle) {
    const box = geoRoutes.element("div", null, "geo-routes-popup");
    /* Read out when it opens, for the focus stays where it was. */
    box.setAttribute("role", "status");
    box.appendChild(geoRoutes.element("strong", geoRoutes.shorten(title)));
    if (subtitle) {
      box.appendChild(geoRoutes.element("p", geoRoutes.shorten(subtitle)));
    }
    const list = geoRoutes.element("dl");
    box.appendChild(list);
    return {
      box: box,
      row: function (name, value) {
        list.appendChild(geoRoutes.element("dt", name));
        list.appendChild(geoRoutes.element("dd", value));
      },
    };
  });

  function runPopup(route, run, words, formats) {
    if (route.elements) {
      return geoRoutes.elementPopup(route, run, words, formats);
    }
    if (route.train) {
      return geoRoutes.speedPopup(route, run, words, formats);
    }
    const made = popup(run.name || words.kinds[run.kind], geoRoutes.label(route, words));
    if (run.name) {
      made.row(words.structure, words.kinds[run.kind]);
    }
    if (route.sketch) {
      made.box.appendChild(geoRoutes.element("p", words.sketch_short));
      return made.box;
    }
    made.row(words.chainage, formats.kilometres(run.from_m) + " \u2013 " + formats.kilometres(run.to_m));
    made.row(words.length, formats.kilometres(run.to_m - run.from_m));
    return made.box;
  }

  function stationPopup(route, station, words, formats) {
    const made = popup(station.name || words.unnamed_station, geoRoutes.label(route, words));
    if (!route.sketch) {
      made.row(words.chainage, formats.kilometres(station.chainage_m));
      if (station.since_m !== null) {
        made.row(words.since_last, formats.kilometres(station.since_m));
      }
    }
    made.row(words.offset, formats.metres(station.offset_m));
    return made.box;
  }

  geoRoutes.drawStations = function (map, data, words, formats, renderer) {
    const group = L.layerGroup();
    const labels = [];
    const marks = [];
    const seen = new Set();
    for (const route of data.routes) {
      route.stations.forEach(function (station, index) {
        /* A station of several routes is drawn once. */
        const key = station.at.join() + " " + station.name.slice(0, 200);
        if (seen.has(key)) {
          return;
        }
        seen.add(key);
        const place = geoRoutes.decode(station.at, data.unit_deg)[0];
        const mark = L.circleMarker(place, {
          renderer: renderer,
          radius: 5,
          weight: 2.5,
          color: "#14181f",
          fillColor: "#ffffff",
          fillOpacity: 1,
        });
        const open = function () {
          openPopup(map, place, stationPopup(route, station, words, formats));
        };
        mark.on("click", open);
        group.addLayer(mark);
        marks.push(place);
        const end = index === 0 || index === route.stations.length - 1;
        if (station.name) {
          labels.push({ text: station.name, key, place, open, rank: end ? 0 : 1 });
        }
      });
    }
    labels.sort((one, two) => one.rank - two.rank);
    group.source = { layer: group, marks, offers: () => labels };
    return group;
  };
})((window.geoRoutes = window.geoRoutes || {}));
