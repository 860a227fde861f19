/* What stands on the map: legend with the switches of the layers, full screen. */
(function (geoRoutes) {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

  function swatch(strokes) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("width", "44");
    svg.setAttribute("height", "12");
    svg.setAttribute("aria-hidden", "true");
    for (const stroke of strokes) {
      const line = document.createElementNS(SVG, "line");
      const set = {
        x1: 0,
        y1: 6,
        x2: 44,
        y2: 6,
        stroke: stroke.colour,
        "stroke-width": stroke.width,
        "stroke-dasharray": stroke.dash,
      };
      for (const [name, value] of Object.entries(set)) {
        if (value !== "") {
          svg.appendChild(line).setAttribute(name, String(value));
        }
      }
    }
    return svg;
  }

  geoRoutes.addLegend = function (map, data, words, formats, layers) {
    const control = L.control({ position: "topright" });
    control.onAdd = function () {
      const box = document.createElement("details");
      box.className = "geo-routes-legend leaflet-bar";
      box.open = map.getSize().x > 560;
      const curved = data.colour === "curvature";
      const fast = geoRoutes.hasSpeeds(data);
      const heading = curved ? words.elements.legend : fast ? words.speeds[data.colour] : words.legend;
      box.appendChild(geoRoutes.element("summary", heading));
      const list = geoRoutes.element("ul");
      for (const told of data.legend) {
        const row = geoRoutes.element("li");
        row.appendChild(swatch(data.styles[told.kind]));
        const text = curved
          ? geoRoutes.curveWords(told, words, formats)
          : fast
            ? geoRoutes.speedWords(told, words, formats)
            : words.kinds[told.kind];
        row.appendChild(geoRoutes.element("span", text));
        list.appendChild(row);
      }
      box.appendChild(list);
      const switches = geoRoutes.element("fieldset");
      switches.appendChild(geoRoutes.element("legend", words.layers));
      for (const [name, layer] of layers) {
        const label = geoRoutes.element("label");
        const input = document.createElement("input");
        input.type = "checkbox";
        input.checked = map.hasLayer(layer);
        input.addEventListener("change", function () {
          if (input.checked) {
            map.addLayer(layer);
          } else {
            map.removeLayer(layer);
          }
        });
        label.appendChild(input);
        label.appendChild(geoRoutes.element("span", name));
        switches.appendChild(label);
      }
      box.appendChild(switches);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    return control.addTo(map);
  };

  geoRoutes.addFullscreen = function (map, words) {
    if (!document.fullscreenEnabled) {
      return null;
    }
    const control = L.control({ position: "topleft" });
    control.onAdd = function () {
      const bar = geoRoutes.element("div", null, "leaflet-bar geo-routes-fullscreen");
      const button = document.createElement("button");
      button.type = "button";
      button.title = words.fullscreen;
      button.setAttribute("aria-label", words.fullscreen);
      const icon = document.createElementNS(SVG, "svg");
      icon.setAttribute("viewBox", "0 0 16 16");
      icon.setAttribute("width", "16");
      icon.setAttribute("height", "16");
      icon.setAttribute("aria-hidden", "true");
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4");
      path.setAttribute("fill", "none");
      path.setAttribute("stroke", "currentColor");
      path.setAttribute("stroke-width", "2");
      icon.appendChild(path);
      button.appendChild(icon);
      button.addEventListener("click", function () {
        if (document.fullscreenElement) {
          document.exitFullscreen();
        } else {
          map.getContainer().requestFullscreen();
        }
      });
      bar.appendChild(button);
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    };
    return control.addTo(map);
  };
})((window.geoRoutes = window.geoRoutes || {}));
