/* Puts the parts together: a page of our own, or a layer on somebody else's map. */
(function (geoRoutes) {
  "use strict";

  function extent(routes) {
    const bounds = L.latLngBounds([]);
    for (const route of routes) {
      const [west, south, east, north] = route.bounds;
      bounds.extend([south, west]).extend([north, east]);
    }
    return bounds;
  }

  function draw(map, data) {
    const words = data.words;
    const formats = geoRoutes.formats(data.language, words);
    const renderer = L.canvas({ padding: 0.4, tolerance: 6 });
    const routes = geoRoutes.drawRoutes(map, data, words, formats, renderer).addTo(map);
    const stations = geoRoutes.drawStations(map, data, words, formats, renderer).addTo(map);
    /* Switched off and on again, the lines would lie over the stations. */
    map.on("layeradd", function (event) {
      if (event.layer === routes && map.hasLayer(stations)) {
        stations.eachLayer((mark) => mark.bringToFront && mark.bringToFront());
      }
    });
    return [
      [words.layer_routes, routes],
      [words.layer_stations, stations],
    ];
  }

  geoRoutes.open = function (name) {
    const data = JSON.parse(document.getElementById("geo-routes-data").textContent);
    const words = data.words;
    const formats = geoRoutes.formats(data.language, words);
    const map = L.map("map", {
      preferCanvas: true,
      attributionControl: false,
      zoomControl: false,
      maxZoom: data.deepest_zoom,
      minZoom: 1,
      zoomSnap: 0.25,
      zoomDelta: 1,
      worldCopyJump: false,
    });
    L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    geoRoutes.fillHeader(data, words, formats);
    const all = extent(data.routes);
    let legend = null;
    const look = function (bounds) {
      const box = legend ? legend.getContainer() : null;
      /* What the legend covers is no place for a line, where there is room for both. */
      const covered = box && box.open && map.getSize().x > 800 ? box.offsetWidth : 0;
      map.fitBounds(bounds, {
        paddingTopLeft: [56, 30],
        paddingBottomRight: [44 + covered, 30],
        maxZoom: 16,
        animate: false,
      });
    };
    geoRoutes.fillComparison(data, words, formats, function (route) {
      look(extent([route]));
      document.getElementById("map").scrollIntoView({ block: "nearest" });
    });
    geoRoutes.fillSources(data, words, formats);
    map.invalidateSize();
    look(all);
    const layers = draw(map, data);
    const background = geoRoutes.drawBackground(map, data.background);
    layers.push([words.layer_background, background.addTo(map)]);
    geoRoutes.addFullscreen(map, words);
    L.control.scale({ imperial: data.language === "en" }).addTo(map);
    legend = geoRoutes.addLegend(map, data, words, layers);
    look(all);
    /* The names settle once more around the legend. */
    map.fire("moveend");
    window[name] = map;
    document.documentElement.dataset.drawn = "true";
    return map;
  };

  geoRoutes.addTo = function (map, encoded) {
    const data = JSON.parse(atob(encoded));
    const layers = draw(map, data);
    geoRoutes.addLegend(map, data, data.words, layers);
    map.fitBounds(extent(data.routes), { padding: [36, 36], maxZoom: 16 });
  };
})((window.geoRoutes = window.geoRoutes || {}));
