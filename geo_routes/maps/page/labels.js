/* Names beside the stations and kilometres along the lines: as many as fit. */
(function (geoRoutes) {
  "use strict";

  /* The map is looked at in cells of so many pixels: is there a line, is there something else? */
  const CELL = 4;
  const LINE = 1;
  const TAKEN = 2;
  const MARK = 4;
  const HEIGHT = 17;
  const WIDEST = 224;
  const MOST_LABELS = 250;
  const LONGEST_TEXT = 400;
  const SAME_NAME_APART = 160;
  const POST_EVERY = 90;
  const POST_STEPS_KM = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const EQUATOR_M = 40075016.686;

  /* What of the map's window is covered already. */
  function cover(map) {
    const size = map.getSize();
    const columns = Math.ceil(size.x / CELL);
    const rows = Math.ceil(size.y / CELL);
    const cells = new Uint8Array(columns * rows);
    const corner = map.containerPointToLayerPoint([0, 0]);

    /* Calls `each` for the cells of a box in layer pixels; false if the box leaves the window. */
    function visit(x, y, width, height, each) {
      const west = Math.floor((x - corner.x) / CELL);
      const north = Math.floor((y - corner.y) / CELL);
      const east = Math.floor((x - corner.x + width) / CELL);
      const south = Math.floor((y - corner.y + height) / CELL);
      for (let row = Math.max(north, 0); row <= Math.min(south, rows - 1); row += 1) {
        for (let column = Math.max(west, 0); column <= Math.min(east, columns - 1); column += 1) {
          each(row * columns + column);
        }
      }
      return west >= 0 && north >= 0 && east < columns && south < rows;
    }

    function take(x, y, width, height) {
      visit(x, y, width, height, function (cell) {
        cells[cell] |= TAKEN;
      });
    }

    function takeLine(from, to) {
      const steps = Math.max(Math.ceil(from.distanceTo(to) / CELL), 1);
      for (let i = 0; i <= steps; i += 1) {
        const x = from.x + ((to.x - from.x) * i) / steps;
        const y = from.y + ((to.y - from.y) * i) / steps;
        visit(x - 2, y - 2, 4, 4, function (cell) {
          cells[cell] |= LINE;
        });
      }
    }

    /* How much of a line a box would cover; infinite where it cannot stand. */
    function cost(x, y, width, height) {
      let sum = 0;
      const inside = visit(x, y, width, height, function (cell) {
        sum += cells[cell] & TAKEN ? Infinity : cells[cell] & LINE;
      });
      return inside ? sum : Infinity;
    }

    return { cost, take, takeLine };
  }

  /* Each a cell or more away from the mark, in the order in which maps prefer them. */
  function spotsAround(point, width) {
    const east = point.x + MARK + CELL;
    const west = point.x - MARK - CELL - width;
    const above = point.y - MARK - CELL - HEIGHT;
    const below = point.y + MARK + CELL;
    return [
      [east, point.y - HEIGHT / 2],
      [east - CELL, above],
      [east - CELL, below],
      [point.x - width / 2, above],
      [point.x - width / 2, below],
      [west, point.y - HEIGHT / 2],
      [west + CELL, above],
      [west + CELL, below],
    ];
  }

  /* A layer that writes what its sources offer. A source has `layer`, which switches it, and
     `offers`, which lists {text, place, open} in the order in which they may stand. */
  geoRoutes.labels = function (lines) {
    const Labels = L.Layer.extend({
      sources: [],

      onAdd: function (map) {
        const pane = map.getPane("geo-routes-labels") || map.createPane("geo-routes-labels");
        pane.style.zIndex = 640;
        this._box = L.DomUtil.create("div", "leaflet-zoom-hide", pane);
        this._ruler = document.createElement("canvas").getContext("2d");
        /* The lines are projected anew when the view is reset, after the move has ended. */
        map.on("moveend viewreset resize", this._place, this);
        map.on("layeradd layerremove", this._follow, this);
        this._place();
      },

      onRemove: function (map) {
        map.off("moveend viewreset resize", this._place, this);
        map.off("layeradd layerremove", this._follow, this);
        this._box.remove();
      },

      _follow: function (event) {
        if (event.layer === lines || this.sources.some((source) => source.layer === event.layer)) {
          this._place();
        }
      },

      _place: function () {
        const map = this._map;
        const cells = this._covered(map);
        const shown = map.getBounds();
        const focused = document.activeElement ? document.activeElement.dataset.label : undefined;
        const names = new Map();
        this._box.replaceChildren();
        let count = 0;
        for (const source of this.sources.filter((one) => map.hasLayer(one.layer))) {
          for (const offer of source.offers(map)) {
            if (count >= MOST_LABELS) {
              return;
            }
            if (!shown.contains(offer.place)) {
              continue;
            }
            const point = map.latLngToLayerPoint(offer.place);
            const near = names.get(offer.text) || [];
            if (near.some((other) => other.distanceTo(point) < SAME_NAME_APART)) {
              continue;
            }
            const spot = this._spot(cells, offer, point);
            if (spot) {
              names.set(offer.text, near.concat([point]));
              this._write(offer, spot, focused);
              count += 1;
            }
          }
        }
      },

      _covered: function (map) {
        const cells = cover(map);
        const frame = map.getContainer().getBoundingClientRect();
        const corner = map.containerPointToLayerPoint([0, 0]);
        for (const control of map.getContainer().querySelectorAll(".leaflet-control")) {
          const box = control.getBoundingClientRect();
          const x = corner.x + box.left - frame.left;
          cells.take(x, corner.y + box.top - frame.top, box.width, box.height);
        }
        if (map.hasLayer(lines)) {
          lines.eachLayer(function (line) {
            /* What Leaflet has projected, cut to the window and thinned for drawing. */
            for (const part of line.options.interactive ? line._parts || [] : []) {
              for (let i = 1; i < part.length; i += 1) {
                cells.takeLine(part[i - 1], part[i]);
              }
            }
          });
        }
        for (const source of this.sources.filter((one) => map.hasLayer(one.layer))) {
          if (source.marks) {
            source.marks.forEach(function (place) {
              const point = map.latLngToLayerPoint(place);
              cells.take(point.x - MARK, point.y - MARK, 2 * MARK, 2 * MARK);
            });
          }
        }
        return cells;
      },

      _spot: function (cells, offer, point) {
        const width = this._width(offer);
        let best = null;
        let least = Infinity;
        for (const [x, y] of spotsAround(point, width)) {
          const cost = cells.cost(x, y, width, HEIGHT);
          if (cost < least) {
            least = cost;
            best = [x, y];
          }
        }
        if (best) {
          cells.take(best[0], best[1], width, HEIGHT);
        }
        return best;
      },

      _width: function (offer) {
        if (offer.width === undefined) {
          if (!this._font) {
            const probe = geoRoutes.element("button", "0", "geo-routes-label");
            this._box.appendChild(probe);
            this._font = getComputedStyle(probe).font;
            probe.remove();
          }
          this._ruler.font = this._font;
          offer.width = Math.min(this._ruler.measureText(offer.text.slice(0, 100)).width + 8, WIDEST);
        }
        return offer.width;
      },

      _write: function (offer, spot, focused) {
        const text = geoRoutes.shorten(offer.text, LONGEST_TEXT);
        const label = geoRoutes.element(offer.open ? "button" : "span", text);
        label.className = offer.open ? "geo-routes-label" : "geo-routes-post";
        if (offer.open) {
          label.type = "button";
          label.dataset.label = offer.key;
          label.addEventListener("click", function (event) {
            /* A click on the map itself would close the popup again. */
            event.stopPropagation();
            offer.open();
          });
        } else {
          label.setAttribute("aria-hidden", "true");
        }
        this._box.appendChild(label);
        L.DomUtil.setPosition(label, L.point(Math.round(spot[0]), Math.round(spot[1])));
        if (offer.open && focused === offer.key) {
          label.focus({ preventScroll: true });
        }
      },
    });
    return new Labels();
  };

  /* Kilometre posts: a dot and a number, more of them the closer one looks. */
  geoRoutes.drawPosts = function (map, data, formats, renderer) {
    const group = L.layerGroup();
    const routes = data.routes.filter((route) => route.posts.length);
    const decoded = new Map();

    function places(route) {
      if (!decoded.has(route)) {
        decoded.set(route, geoRoutes.decode(route.posts, data.unit_deg));
      }
      return decoded.get(route);
    }

    function stepAt(latitude) {
      const metres = (EQUATOR_M * Math.cos((latitude * Math.PI) / 180)) / 256;
      const pixels = (1000 * Math.pow(2, map.getZoom())) / metres;
      return POST_STEPS_KM.find(
        (step) => step * pixels >= POST_EVERY && step % data.post_step_km === 0,
      );
    }

    function settle() {
      group.clearLayers();
      group.shown = [];
      const window = map.getBounds();
      for (const route of routes) {
        const [west, south, east, north] = route.bounds;
        const step = stepAt((south + north) / 2);
        if (!step || !window.intersects([[south, west], [north, east]])) {
          continue;
        }
        const every = step / data.post_step_km;
        places(route).forEach(function (place, index) {
          if ((index + 1) % every || !window.contains(place)) {
            return;
          }
          const text = formats.number((index + 1) * data.post_step_km, 0) + "\u00a0km";
          group.shown.push({ text, place });
          const dot = { renderer, radius: 2.5, weight: 1, color: "#14181f", fillColor: "#ffffff" };
          group.addLayer(L.circleMarker(place, { ...dot, fillOpacity: 1, interactive: false }));
        });
      }
    }

    group.on("add", settle);
    map.on("moveend", function () {
      if (map.hasLayer(group)) {
        settle();
      }
    });
    group.shown = [];
    return routes.length ? group : null;
  };
})((window.geoRoutes = window.geoRoutes || {}));
