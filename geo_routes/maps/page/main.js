/* Puts the parts together: a page of our own, or a layer on somebody else's map. */
(function (geoRoutes) {
  "use strict";

  const PIN =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 41"><path fill="#0b4f9e" ' +
    'stroke="#ffffff" d="M12.5 40.5C11 29 .5 21 .5 12.5a12 12 0 0 1 24 0C24.5 21 14 29 12.5 40.5z"/>' +
    '<circle cx="12.5" cy="12.5" r="4.5" fill="#ffffff"/></svg>';

  /* Markers that others add look for Leaflet's pictures, which are files; this one is none. */
  function carryPin() {
    const url = "data:image/svg+xml," + encodeURIComponent(PIN);
    L.Icon.Default.imagePath = "";
    L.Icon.Default.mergeOptions({ iconUrl: url, iconRetinaUrl: url, shadowUrl: "" });
  }

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
    const layers = [
      [words.layer_routes, routes],
      [words.layer_stations, stations],
    ];
    const labels = geoRoutes.labels(routes);
    labels.sources = [stations.source];
    const posts = geoRoutes.drawPosts(map, data, formats, renderer);
    if (posts) {
      posts.addTo(map);
      labels.sources.push({ layer: posts, offers: () => posts.shown });
      layers.push([words.layer_posts, posts]);
    }
    const findings = geoRoutes.drawFindings(map, data, words, formats);
    if (findings) {
      layers.push([words.layer_findings, findings.addTo(map)]);
    }
    labels.addTo(map);
    return layers;
  }

  geoRoutes.open = function (name) {
    const data = JSON.parse(document.getElementById("geo-routes-data").textContent);
    const words = data.words;
    const formats = geoRoutes.formats(data.language, words);
    carryPin();
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
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", words.map);
    /* Leaflet gives the map the focus at each click, which need not be shown. */
    document.addEventListener("pointerdown", () => container.classList.add("by-hand"), true);
    document.addEventListener("keydown", () => container.classList.remove("by-hand"), true);
    map.on("layeradd", function (event) {
      /* Whose tiles they are must be said; our own layers are named under the map. */
      const text = event.layer.getAttribution ? event.layer.getAttribution() : null;
      if (text && !map.attributionControl) {
        L.control.attribution({ prefix: false }).addTo(map);
      }
    });
    L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    geoRoutes.fillHeader(data, words, formats);
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
    geoRoutes.fillElements(map, data, words, formats);
    geoRoutes.fillFindings(map, data, words, formats);
    geoRoutes.fillSources(data, words, formats);
    map.invalidateSize();
    /* Without a view yet, nothing is drawn: so all of it is drawn once, and for the last view. */
    const layers = draw(map, data);
    const background = geoRoutes.drawBackground(map, data.background);
    layers.push([words.layer_background, background.addTo(map)]);
    geoRoutes.addFullscreen(map, words);
    legend = geoRoutes.addLegend(map, data, words, formats, layers);
    map.whenReady(() => L.control.scale({ imperial: data.language === "en" }).addTo(map));
    look(extent(data.routes));
    window[name] = map;
    document.documentElement.dataset.drawn = "true";
    return map;
  };

  geoRoutes.addTo = function (map, encoded) {
    const data = JSON.parse(atob(encoded));
    const layers = draw(map, data);
    const formats = geoRoutes.formats(data.language, data.words);
    geoRoutes.addLegend(map, data, data.words, formats, layers);
    map.fitBounds(extent(data.routes), { padding: [36, 36], maxZoom: 16 });
  };
})((window.geoRoutes = window.geoRoutes || {}));
