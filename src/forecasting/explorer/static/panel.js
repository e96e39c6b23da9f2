// Builds the page: controls, tiles and charts, in the order in which they are read.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

let explorers = 0;

// One slider over the steps that Python lists: the words beside it are those of its step.
function makeSlider(slider, prefix, onInput) {
  const id = `${prefix}-${slider.id}`;
  const input = element("input", {
    type: "range", id, min: 0, max: slider.values.length - 1, step: 1, list: `${id}-ticks`,
    "data-slider": slider.id, "aria-describedby": slider.help ? `${id}-help` : null,
  });
  const output = element("output", { for: id, class: "fx-value" });
  const ticks = element("datalist", { id: `${id}-ticks` }, element("option", { value: slider.neutral }));
  const row = element("div", { class: "fx-slider" },
    element("div", { class: "fx-slider-head" }, element("label", { for: id }, slider.label), output),
    input, ticks);
  if (slider.help) row.append(element("p", { class: "fx-help", id: `${id}-help` }, slider.help));
  const show = () => {
    const index = Number(input.value);
    output.textContent = slider.texts[index];
    input.setAttribute("aria-valuetext", slider.texts[index]);
    row.classList.toggle("fx-moved", index !== slider.neutral);
  };
  input.addEventListener("input", (event) => { show(); onInput(event); });
  return {
    row,
    input,
    value: () => slider.values[Number(input.value)],
    moved: () => Number(input.value) !== slider.neutral,
    set: (value) => {
      const index = value === undefined ? slider.neutral : slider.values.findIndex((v) => Math.abs(v - value) < 1e-9);
      input.value = index < 0 ? slider.neutral : index;
      show();
    },
    renew: (fresh) => { Object.assign(slider, fresh); input.max = slider.values.length - 1; ticks.firstChild.value = slider.neutral; },
  };
}

function makeButton(words, name, onClick, kind = "") {
  const button = element("button", { type: "button", class: `fx-button ${kind}`.trim(), "data-action": name }, words);
  button.addEventListener("click", onClick);
  return button;
}

function makeStart(setup, prefix, onChange) {
  const select = element("select", { id: `${prefix}-start`, "aria-describedby": `${prefix}-start-text` },
    ...setup.starts.map((start) => element("option", { value: start.id }, start.title)));
  const about = element("p", { class: "fx-help", id: `${prefix}-start-text` });
  const further = element("ul", { class: "fx-further" });
  select.addEventListener("change", onChange);
  const section = element("fieldset", { class: "fx-group" },
    element("legend", {}, setup.words.start), element("label", { for: select.id, class: "fx-hidden" }, setup.words.start),
    select, about, further);
  const show = (lines) => {
    const chosen = setup.starts.find((start) => start.id === select.value);
    about.textContent = chosen ? chosen.text : "";
    further.replaceChildren(...lines.map((line) => element("li", {}, line)));
    further.hidden = !lines.length;
  };
  return { section, select, show };
}

function makeSharing(setup, prefix, act) {
  const { words } = setup;
  const name = element("input", { type: "text", id: `${prefix}-name`, maxlength: 80, autocomplete: "off" });
  const reason = element("textarea", { id: `${prefix}-reason`, rows: 2, maxlength: 600 });
  const file = element("input", { type: "file", id: `${prefix}-file`, accept: ".yaml,.yml", class: "fx-hidden", tabindex: -1 });
  const message = element("p", { class: "fx-message", role: "status" });
  const link = element("input", { type: "text", readonly: true, class: "fx-link", hidden: true, "aria-label": words.link });
  const replace = makeButton(words.replace, "replace", () => act("replace"), "fx-warn");
  replace.hidden = true;
  const open = makeButton(words.open, "open", () => file.click());
  file.addEventListener("change", () => { if (file.files.length) act("open", file.files[0]); file.value = ""; });
  name.addEventListener("input", () => { replace.hidden = true; });
  const section = element("fieldset", { class: "fx-group" },
    element("legend", {}, words.keep),
    element("label", { for: name.id }, words.name), name,
    element("label", { for: reason.id }, words.reason), reason,
    element("div", { class: "fx-buttons" },
      makeButton(words.save, "save", () => act("save"), "fx-primary"), replace,
      makeButton(words.download, "download", () => act("download")), open, file,
      makeButton(words.copy_link, "link", () => act("link"))),
    link, message);
  const say = (words_, bad = false) => {
    message.textContent = words_;
    message.classList.toggle("fx-bad", bad);
    message.scrollIntoView({ block: "nearest" });
  };
  return { section, name, reason, replace, link, say };
}

function makeTiles(setup) {
  const groups = setup.tiles.map((group) => {
    const list = element("ul", { class: "fx-tiles" });
    const tiles = group.tiles.map((tile) => {
      const value = element("p", { class: "fx-number" });
      const beside = element("p", { class: "fx-beside" });
      const item = element("li", { class: "fx-tile", "data-tile": tile.id },
        element("p", { class: "fx-tile-label" }, tile.label), value, beside);
      if (tile.note) item.append(element("p", { class: "fx-tile-note" }, tile.note));
      list.append(item);
      return { id: tile.id, item, value, beside };
    });
    return { node: element("div", { class: "fx-tile-group", style: `--n: ${tiles.length}` }, element("h3", {}, group.title), list), tiles };
  });
  const all = groups.flatMap((group) => group.tiles);
  const show = (figures) => {
    for (const tile of all) {
      const figure = figures[tile.id];
      tile.value.textContent = figure.value;
      tile.beside.textContent = figure.beside;
      tile.item.classList.toggle("fx-changed", figure.changed);
    }
  };
  return { node: element("div", { class: "fx-tile-groups" }, ...groups.map((group) => group.node)), show };
}

// A chart with its title, a line that reads out the month under the pointer, and its table.
function makeChart(chart, setup) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("focusable", "false");
  const readout = element("p", { class: "fx-readout" });
  const table = element("table");
  const details = element("details", { class: "fx-table" }, element("summary", {}, setup.words.table),
    element("div", { class: "fx-scroll", tabindex: 0, role: "region", "aria-label": chart.title }, table));
  const figure = element("figure", { class: "fx-chart", "data-chart": chart.id },
    element("figcaption", {}, element("h3", {}, chart.title)), svg, readout, details);
  let data = null;
  let place = null;
  const write = (value) => writeNumber(value, chart.decimals, setup.signs);
  const row = (step) => [setup.months[chart.first + step], write(data.median[step]),
    fill(setup.words.to, { lower: write(data.bands[1][0][step]), upper: write(data.bands[1][1][step]) }), write(chart.reference.median[step])];
  const say = (step) => {
    const [month, median, interval, reference] = row(step);
    return fill(setup.words.readout, { month, median, interval, reference });
  };
  const rest = () => { readout.textContent = data ? `${say(data.median.length - 1)}. ${data.note}` : ""; };
  const tabulate = () => {
    if (!details.open || !data) return;
    const heads = [setup.words.month, setup.words.scenario_median, setup.words.interval_80, setup.words.reference_median];
    const steps_ = data.median.map((_, step) => step).filter((step) => (chart.first + step + setup.first_month) % 12 === 0 || step === data.median.length - 1);
    table.replaceChildren(
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...steps_.map((step) => {
        const [month, ...cells] = row(step);
        return element("tr", {}, element("th", { scope: "row" }, month), ...cells.map((cell) => element("td", {}, cell)));
      })));
  };
  let width = 0; // read when the page is laid out, never between two drawings
  const draw = () => { if (data && width > 100) place = drawChart(svg, chart, data, setup, width); };
  const resize = () => { width = Math.floor(figure.clientWidth) - 2; };
  details.addEventListener("toggle", tabulate);
  svg.addEventListener("pointermove", (event) => {
    if (!place || !data) return;
    const month = Math.floor(place.first + (event.offsetX - place.box.left) / place.perMonth);
    const step = month - chart.first;
    if (step < 0 || step >= data.median.length) { rest(); return; }
    readout.textContent = say(step);
    const cursor = svg.querySelector(".fx-cursor");
    const x = place.x(month + chart.offset);
    for (const [key, value] of Object.entries({ x1: x, x2: x, y1: place.box.top, y2: place.box.bottom, stroke: COLORS.grey })) cursor.setAttribute(key, value);
    cursor.removeAttribute("hidden");
  });
  svg.addEventListener("pointerleave", () => {
    rest();
    const cursor = svg.querySelector(".fx-cursor");
    if (cursor) cursor.setAttribute("hidden", "hidden");
  });
  return { figure, draw, resize, show: (fresh) => { data = fresh; draw(); rest(); tabulate(); } };
}
