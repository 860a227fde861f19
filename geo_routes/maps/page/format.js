/* Numbers and words in the reader's language. */
(function (geoRoutes) {
  "use strict";

  const MISSING = "\u2013";

  geoRoutes.formats = function (language, words) {
    const fixed = new Map();

    function number(value, digits) {
      if (!fixed.has(digits)) {
        const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
        fixed.set(digits, new Intl.NumberFormat(language, options));
      }
      return fixed.get(digits).format(value);
    }

    function kilometres(metres) {
      return metres === null ? MISSING : number(metres / 1000, 3) + "\u00a0km";
    }

    function length(metres, uncertainty) {
      if (uncertainty === null || uncertainty === undefined) {
        return kilometres(metres);
      }
      const short = metres < 1000;
      const unit = short ? "\u00a0m" : "\u00a0km";
      const scale = short ? 1 : 1000;
      const coarse = uncertainty < 1000 ? 3 : uncertainty < 10000 ? 1 : 0;
      const digits = short ? 1 : coarse;
      /* An uncertainty is rounded up: it is never said to be smaller than it is. */
      const step = Math.pow(10, -digits);
      const spread = Math.max(Math.ceil(uncertainty / scale / step - 1e-9), 1) * step;
      return number(metres / scale, digits) + "\u00a0\u00b1\u00a0" + number(spread, digits) + unit;
    }

    /* A sketch is no measurement: its length is told to two digits. */
    function about(metres) {
      const kilometres = metres / 1000;
      const step = Math.pow(10, Math.max(Math.floor(Math.log10(kilometres || 1)) - 1, 0));
      const rounded = kilometres < 1 ? 1 : Math.round(kilometres / step) * step;
      return (kilometres < 1 ? "<\u00a0" : "\u2248\u00a0") + number(rounded, 0) + "\u00a0km";
    }

    function share(value) {
      return value === null ? MISSING : number(value * 100, 1) + "\u00a0%";
    }

    function tunnelShare(figures) {
      if (figures.tunnel_fraction === null) {
        return words.unknown;
      }
      const open = 1 - figures.known_fraction;
      if (open < 1e-9) {
        return share(figures.tunnel_fraction);
      }
      const most = Math.min(figures.tunnel_fraction + open, 1);
      return share(figures.tunnel_fraction) + "\u00a0\u2013\u00a0" + share(most);
    }

    function figure(value, unit) {
      if (value === null) {
        return MISSING;
      }
      return unit === "1" ? share(value) : trimmed(value) + "\u00a0" + unit;
    }

    /* A published figure keeps the digits it was published with. */
    function trimmed(value) {
      return new Intl.NumberFormat(language, { maximumFractionDigits: 3 }).format(value);
    }

    function metres(value) {
      return number(value, 0) + "\u00a0m";
    }

    /* Hardly a radius is known to more than three digits. */
    function radius(value, digits = 3) {
      if (value === null) {
        return words.unknown;
      }
      const options = { maximumSignificantDigits: digits };
      return new Intl.NumberFormat(language, options).format(value) + "\u00a0m";
    }

    const lengths = { about, kilometres, length, metres, radius };
    return { ...lengths, figure, number, share, trimmed, tunnelShare };
  };

  /* What a route is called: a page without a name for it says so in its own language. */
  geoRoutes.label = function (route, words) {
    return route.name || route.id || words.unnamed_route;
  };

  /* A name may be a book; the whole of it stays in the data. */
  geoRoutes.shorten = function (text, most = 400) {
    const cut = text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
    return text.length > most ? cut + "\u2026" : text;
  };

  /* The only way in which text reaches the page: as text, its direction its own. */
  geoRoutes.element = function (name, text, className) {
    const element = document.createElement(name);
    if (text !== undefined && text !== null) {
      element.textContent = text;
      element.dir = "auto";
    }
    if (className) {
      element.className = className;
    }
    return element;
  };
})((window.geoRoutes = window.geoRoutes || {}));
