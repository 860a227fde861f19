/* Lines, stations, their labels and popups. */
(function (geoRoutes) {
  "use strict";

  const LABEL_GAP = 3;
  const MOST_LABELS = 250;

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
    const near = L.layerGroup();
    for (const shift of background.world_shifts) {
      const rings = background.world.map((ring) => geoRoutes.decode(ring, background.world_unit_deg));
      for (const ring of rings) {
        for (const place of ring) {
          place[1] += shift;
        }
      }
      group.addLayer(L.polygon(rings, filled));
    }
    if (background.world.length) {
      const [west, south, east, north] = background.frame;
      const sea = { ...shared, stroke: false, fillColor: water, fillOpacity: 1 };
      near.addLayer(L.rectangle([[south, west], [north, east]], sea));
    }
    const rings = background.land.map((ring) => geoRoutes.decode(ring, background.unit_deg));
    near.addLayer(L.polygon(rings, filled));
    const borders = background.borders.map((line) => geoRoutes.decode(line, background.unit_deg));
    near.addLayer(L.polyline(borders, { ...shared, weight: 1, color: border, dashArray: "4 3" }));
    /* Seen from further away than the near land reaches, the whole world is in one outline. */
    const settle = function () {
      const [west, south, east, north] = background.frame;
      const view = map.getBounds();
      const wide = view.getEast() - view.getWest() > east - west;
      const high = view.getNorth() - view.getSouth() > north - south;
      if (background.world.length && (wide || high)) {
        group.removeLayer(near);
      } else {
        group.addLayer(near);
      }
    };
    map.on("zoomend resize", settle);
    settle();
    return group;
  };

  /* Lines and stations share one canvas: of two, the upper would catch every click. */
  geoRoutes.drawRoutes = function (map, data, words, formats, renderer) {
    const group = L.layerGroup();
    for (const route of data.routes) {
      for (const run of route.runs) {
        const places = geoRoutes.decode(run.line, data.unit_deg);
        const strokes = data.styles[run.kind];
        strokes.forEach(function (stroke, index) {
          const top = index === strokes.length - 1;
          const line = L.polyline(places, {
            renderer: renderer,
            color: stroke.colour,
            weight: stroke.width,
            dashArray: stroke.dash || null,
            lineCap: stroke.dash || strokes.length > 1 ? "butt" : "round",
            opacity: 1,
            smoothFactor: 1,
            interactive: top,
          });
          if (top) {
            line.on("click", function (event) {
              const content = runPopup(route, run, words, formats);
              L.popup({ maxWidth: 320 }).setLatLng(event.latlng).setContent(content).openOn(map);
            });
          }
          group.addLayer(line);
        });
      }
    }
    return group;
  };

  function popup(title, subtitle) {
    const box = geoRoutes.element("div", null, "geo-routes-popup");
    box.appendChild(geoRoutes.element("strong", title));
    if (subtitle) {
      box.appendChild(geoRoutes.element("p", subtitle));
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
  }

  function runPopup(route, run, words, formats) {
    const made = popup(run.name || words.kinds[run.kind], route.name || words.unnamed_route);
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
    const made = popup(station.name || words.unnamed_station, route.name || words.unnamed_route);
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
    const seen = new Set();
    for (const route of data.routes) {
      route.stations.forEach(function (station, index) {
        /* A station of several routes is drawn once. */
        const key = station.at.join() + station.name;
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
          const content = stationPopup(route, station, words, formats);
          L.popup({ maxWidth: 320 }).setLatLng(place).setContent(content).openOn(map);
        };
        mark.on("click", open);
        group.addLayer(mark);
        const end = index === 0 || index === route.stations.length - 1;
        if (station.name) {
          labels.push({ name: station.name, place, open, rank: end ? 0 : 1 });
        }
      });
    }
    labels.sort((one, two) => one.rank - two.rank);
    group.addLayer(new (Labels())(labels));
    return group;
  };

  /* Names beside the stations: as many as fit without covering each other. */
  const Labels = () => L.Layer.extend({
    initialize: function (labels) {
      this._labels = labels;
    },

    onAdd: function (map) {
      const pane = map.getPane("geo-routes-labels") || map.createPane("geo-routes-labels");
      pane.style.zIndex = 640;
      this._box = document.createElement("div");
      pane.appendChild(this._box);
      map.on("zoomend moveend resize", this._place, this);
      this._place();
    },

    onRemove: function (map) {
      map.off("zoomend moveend resize", this._place, this);
      this._box.remove();
    },

    _place: function () {
      const map = this._map;
      const shown = map.getBounds().pad(0.1);
      const taken = [];
      const corner = map.containerPointToLayerPoint([0, 0]);
      const size = map.getSize();
      const frame = map.getContainer().getBoundingClientRect();
      /* What a control covers is no place for a name. */
      for (const control of map.getContainer().querySelectorAll(".leaflet-control")) {
        const box = control.getBoundingClientRect();
        const x = corner.x + box.left - frame.left;
        taken.push([x, corner.y + box.top - frame.top, box.width, box.height]);
      }
      const inside = function (spot, width, height) {
        const x = spot[0] - corner.x;
        const y = spot[1] - corner.y;
        return x >= 0 && y >= 0 && x + width <= size.x && y + height <= size.y;
      };
      const focused = document.activeElement ? document.activeElement.dataset.label : undefined;
      this._box.replaceChildren();
      let count = 0;
      this._labels.forEach(function (label, index) {
        if (count >= MOST_LABELS || !shown.contains(label.place)) {
          return;
        }
        const point = map.latLngToLayerPoint(label.place);
        const button = geoRoutes.element("button", label.name, "geo-routes-label");
        button.type = "button";
        button.dataset.label = String(index);
        button.addEventListener("click", function (event) {
          /* A click on the map itself would close the popup again. */
          event.stopPropagation();
          label.open();
        });
        this._box.appendChild(button);
        const width = button.offsetWidth;
        const height = button.offsetHeight;
        const spots = [
          [point.x + 9, point.y - height / 2],
          [point.x - 9 - width, point.y - height / 2],
          [point.x - width / 2, point.y - 9 - height],
          [point.x - width / 2, point.y + 9],
        ];
        const free = spots.filter((s) => taken.every((t) => apart(s, width, height, t)));
        const spot = free.find((s) => inside(s, width, height)) || free[0];
        if (!spot) {
          button.remove();
          return;
        }
        taken.push([spot[0], spot[1], width, height]);
        L.DomUtil.setPosition(button, L.point(spot[0], spot[1]));
        if (focused === String(index)) {
          button.focus({ preventScroll: true });
        }
        count += 1;
      }, this);
    },
  });

  function apart(spot, width, height, other) {
    return (
      spot[0] + width + LABEL_GAP < other[0] ||
      other[0] + other[2] + LABEL_GAP < spot[0] ||
      spot[1] + height + LABEL_GAP < other[1] ||
      other[1] + other[3] + LABEL_GAP < spot[1]
    );
  }
})((window.geoRoutes = window.geoRoutes || {}));
