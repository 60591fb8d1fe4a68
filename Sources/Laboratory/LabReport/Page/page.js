// What the page does: draws its figures, filters them by arm and swept key, and filters claims.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // The palette of the pictures is made for white ground; these take its place on dark ground.
  const lighter = {"#0072B2": "#4aa8e0", "#009E73": "#2fc79a", "#000000": "#e7e5df",
    "#D55E00": "#ff8a3c", "#333333": "#c9ccd2"};

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const font = getComputedStyle(document.body).fontFamily;
    const text = {labelColor: colour("--ink"), titleColor: colour("--ink"), labelFontSize: 12,
      titleFontSize: 13, titleFontWeight: "normal", labelFont: font, titleFont: font};
    return {
      background: "transparent", font, padding: 8, view: {stroke: null},
      axis: {...text, domainColor: colour("--soft"), tickColor: colour("--soft"),
        gridColor: colour("--line"), labelOverlap: "greedy", titlePadding: 10},
      axisX: {grid: false}, facet: {spacing: 24}, header: {...text, labelPadding: 6},
      legend: {...text, columnPadding: 20, direction: "horizontal", labelLimit: 360, offset: 14,
        orient: "top", symbolOpacity: 1, symbolSize: 80, symbolStrokeWidth: 2, title: null},
      line: {strokeWidth: 2.25},
    };
  }

  // Calls a function with every part of a specification that has data of its own.
  function eachView(spec, change) {
    if (spec.data) change(spec);
    for (const part of spec.vconcat ?? []) eachView(part, change);
  }

  // A grid needs a row of data for each of its panels, or those that follow would be shifted.
  function complete(rows, spec) {
    if (!spec.facet?.row || rows.length === 0) return rows;
    const values = (field) => [...new Set(rows.map((row) => row[field]))];
    const drawn = new Set(rows.map((row) => JSON.stringify([row.column, row.row])));
    const empty = [];
    for (const column of values("column")) {
      for (const row of values("row")) {
        if (drawn.has(JSON.stringify([column, row]))) continue;
        const names = Object.entries(rows[0]).filter(([, value]) => typeof value === "string");
        empty.push({...Object.fromEntries(names), figure: undefined, column, row});
      }
    }
    return rows.concat(empty);
  }

  // A row of panels becomes a column where the page is narrow.
  function fit(spec, width) {
    const view = spec.spec ?? spec;
    if (!spec.facet) { view.width = Math.max(220, Math.min(view.width, width)); return; }
    const key = spec.facet.row ? null : spec.facet.column ?? spec.facet;
    if (!key) return;
    const panels = Math.max(1, Math.floor(width / (view.width + 24)));
    const wanted = spec.columns ?? new Set(spec.data.values.map((row) => row.column)).size;
    if (spec.facet.column) spec.facet = key;
    spec.columns = Math.min(panels, wanted);
    if (panels === 1) view.width = Math.max(220, Math.min(view.width, width));
  }

  class Figure {
    constructor(element) {
      this.element = element;
      this.form = element.querySelector("form");
      this.plot = element.querySelector(".plot");
      this.output = element.querySelector("output");
      this.form?.addEventListener("change", () => this.draw());
      this.form?.addEventListener("submit", (event) => event.preventDefault());
    }

    get source() {
      const {spec, origins} = JSON.parse(document.getElementById(this.element.dataset.figure).text);
      // The schema names the version that draws the pictures; the page draws with a newer one.
      delete spec.$schema;
      eachView(spec, (view) => {
        view.data.values = view.data.values.filter((row) => row.origin !== undefined)
          .map((row) => ({...row, ...origins[row.origin]}));
      });
      return spec;
    }

    // Whether a row passes the form.
    get filter() {
      if (!this.form) return () => true;
      const boxes = [...this.form.querySelectorAll("input[name=arm]")];
      const arms = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      const keys = [...this.form.querySelectorAll("select")].filter((select) => select.value);
      return (row) => (boxes.length === 0 || arms.has(row.arm))
        && keys.every((select) => row[select.name] === select.value);
    }

    async draw() {
      const turn = this.turn = (this.turn ?? 0) + 1;
      let spec = this.source;
      const all = new Set(), shown = new Set();
      const passes = this.filter;
      const width = this.element.clientWidth - 110;
      eachView(spec, (view) => {
        const rows = view.data.values.filter(passes);
        for (const row of view.data.values) all.add(row.origin);
        for (const row of rows) shown.add(row.origin);
        view.data.values = complete(rows, view);
        fit(view, width);
      });
      if (this.output) {
        this.output.textContent = shown.size === all.size ? ""
          : `Shown: ${shown.size} of ${all.size}.`;
      }
      if (dark.matches) {
        spec = JSON.parse(JSON.stringify(spec), (_, value) => lighter[value] ?? value);
      }
      try {
        const done = await vegaEmbed(document.createElement("div"), spec,
          {actions: false, mode: "vega-lite", config: theme(), renderer: "svg",
            tooltip: {theme: "page"}});
        if (turn !== this.turn) { done.finalize(); return; }
        this.drawn?.finalize();
        this.drawn = done;
        this.plot.replaceChildren(...(shown.size === 0
          ? ["Nothing is left to draw; choose other values."] : [done.view.container()]));
        this.element.dataset.drawn = String(shown.size);
      } catch (error) {
        this.plot.replaceChildren(`This figure cannot be drawn: ${error.message}`);
        this.plot.classList.add("failed");
      }
    }
  }

  const figures = [...document.querySelectorAll("figure[data-figure]")]
    .map((element) => new Figure(element));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      figures.find((figure) => figure.element === entry.target).draw();
    }
  }, {rootMargin: "600px"});
  for (const figure of figures) watcher.observe(figure.element);
  const redraw = () => { for (const figure of figures) if (figure.drawn) figure.draw(); };
  dark.addEventListener("change", redraw);
  let wide = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== wide) { wide = innerWidth; redraw(); } });
  addEventListener("beforeprint", () => { for (const figure of figures) figure.draw(); });

  const shares = [...document.querySelectorAll(".share")];
  for (const share of shares) {
    share.addEventListener("click", () => {
      const isPressed = share.getAttribute("aria-pressed") === "true";
      for (const other of shares) other.setAttribute("aria-pressed", "false");
      share.setAttribute("aria-pressed", String(!isPressed));
      for (const row of document.querySelectorAll("table.claims tbody tr")) {
        row.hidden = !isPressed && row.dataset.label !== share.dataset.verdict;
      }
    });
  }
})();
