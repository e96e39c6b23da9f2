// Wires the page to Python: one question at a time, numbered; the last one asked wins.

const NO_ANSWER_MS = 20000;
const QUIET_MS = 700; // before the summary is read out, so that a moving slider is not

function readFragment() {
  const given = new URLSearchParams(window.location.hash.slice(1));
  if (!given.has("start")) return null;
  const state = { start: given.get("start"), values: {}, extra: [] };
  for (const [name, value] of given) {
    if (name === "extra") {
      try { state.extra = JSON.parse(value); } catch { state.extra = value; }
    } else if (name !== "start") state.values[name] = Number(value);
  }
  return state;
}

function writeFragment(state) {
  const given = new URLSearchParams({ start: state.start });
  for (const [name, value] of Object.entries(state.values)) given.set(name, value);
  if (state.extra.length) given.set("extra", JSON.stringify(state.extra));
  return given.toString();
}

function render({ model, el }) {
  const setup = model.get("setup");
  const { words } = setup;
  explorers += 1;
  const view = `${Date.now().toString(36)}${explorers}`;
  const prefix = `fx${explorers}`;
  let extra = [];
  let asked = 0; // number of the last state the sliders showed
  let waiting = null; // the question under way
  let next = null; // the one to ask after it
  let noAnswer = 0;
  let quiet = 0;

  const status = element("p", { class: "fx-status" });
  const summary = element("p", { class: "fx-hidden", "aria-live": "polite" });
  const strip = element("p", { class: "fx-strip", "aria-hidden": "true" });
  const tiles = makeTiles(setup);
  const charts = setup.charts.map((chart) => ({ id: chart.id, version: 0, ...makeChart(chart, setup) }));
  const sliders = {};
  const start = makeStart(setup, prefix, () => { extra = []; for (const s of Object.values(sliders)) s.set(); ask(performance.now(), true); });
  const groups = setup.groups.map((group) => {
    const box = element("fieldset", { class: "fx-group" }, element("legend", {}, group.title));
    for (const slider of group.sliders) {
      sliders[slider.id] = makeSlider(slider, prefix, (event) => ask(event.timeStamp));
      box.append(sliders[slider.id].row);
    }
    return box;
  });
  const sharing = makeSharing(setup, prefix, act);
  const reset = makeButton(words.reset, "reset", () => show({ start: setup.starts[0].id, values: {}, extra: [] }, true));
  const figures = element("div", { class: "fx-figures" },
    element("section", { "aria-label": words.key_figures }, element("h2", {}, words.key_figures), status, tiles.node, summary),
    element("section", { "aria-label": words.charts }, element("h2", {}, words.charts), element("p", { class: "fx-key" }, words.key), element("div", { class: "fx-charts" }, ...charts.map((chart) => chart.figure))));
  const root = element("div", { class: "fx", lang: setup.language },
    element("header", { class: "fx-head" }, element("p", { class: "fx-kicker" }, setup.kicker), element("h1", {}, setup.title), element("p", { class: "fx-sub" }, setup.subtitle)),
    element("div", { class: "fx-columns" },
      element("section", { class: "fx-controls", "aria-label": words.controls },
        element("h2", {}, words.controls), start.section, ...groups, element("div", { class: "fx-buttons" }, reset), sharing.section),
      figures),
    element("p", { class: "fx-foot" }, setup.foot), strip);
  el.append(root);

  function current() {
    const values = {};
    for (const [id, slider] of Object.entries(sliders)) if (slider.moved()) values[id] = slider.value();
    return { start: start.select.value, values, extra };
  }

  function busy(is) {
    root.toggleAttribute("data-busy", is);
    figures.setAttribute("aria-busy", String(is));
    if (is) status.textContent = words.computing;
  }

  // The figures are marked at once; they count again when the answer to the last question is drawn.
  function ask(since, renew = false) {
    asked += 1;
    sharing.replace.hidden = true;
    sharing.link.hidden = true; // it was of the setting before
    busy(true);
    const question = { kind: "compute", view, seq: asked, state: current(), renew };
    next = { question, since, renew: renew || (next !== null && next.renew) };
    next.question.renew = next.renew;
    if (waiting === null) send();
  }

  function send() {
    waiting = next;
    next = null;
    const have = {};
    for (const chart of charts) have[chart.id] = chart.version;
    model.send({ ...waiting.question, have });
    clearTimeout(noAnswer);
    noAnswer = setTimeout(() => { waiting = null; status.textContent = words.no_answer; root.setAttribute("data-lost", ""); }, NO_ANSWER_MS);
  }

  function show(state, renew = false) {
    start.select.value = state.start;
    extra = state.extra;
    for (const [id, slider] of Object.entries(sliders)) slider.set(state.values[id]);
    ask(performance.now(), renew);
  }

  function draw(answer) {
    if (answer.sliders) {
      for (const [id, fresh] of Object.entries(answer.sliders)) {
        const value = sliders[id].value();
        const moved = sliders[id].moved();
        sliders[id].renew(fresh);
        sliders[id].set(moved ? value : undefined);
      }
    }
    for (const chart of charts) {
      const fresh = answer.charts[chart.id];
      if (fresh) { chart.version = fresh.version; chart.show(fresh); }
    }
    tiles.show(answer.tiles);
    start.show(answer.levers);
    status.textContent = answer.status;
    strip.textContent = answer.strip;
    clearTimeout(quiet);
    quiet = setTimeout(() => { summary.textContent = answer.summary; }, QUIET_MS);
  }

  function finish(answer, since) {
    draw(answer);
    busy(false);
    status.textContent = answer.status;
    root.setAttribute("data-shown", answer.seq);
    requestAnimationFrame(() => {
      const channel = new MessageChannel(); // runs after the frame is painted
      channel.port1.onmessage = () => performance.measure("explorer answer", { start: since, end: performance.now() });
      channel.port2.postMessage(null);
    });
  }

  function onMessage(message) {
    if (message.view !== view) return;
    root.removeAttribute("data-lost");
    if (message.kind === "figures" || message.kind === "refused") {
      if (waiting === null || message.seq !== waiting.question.seq) return;
      clearTimeout(noAnswer);
      const { since } = waiting;
      waiting = null;
      if (next !== null) { send(); return; }
      if (message.kind === "figures") finish(message, since);
      else { status.textContent = message.message; sharing.say(message.message, true); }
    } else if (message.kind === "saved") { sharing.say(message.message); sharing.replace.hidden = true; }
    else if (message.kind === "exists") { sharing.say(message.message, true); sharing.replace.hidden = false; sharing.replace.focus(); }
    else if (message.kind === "failed") { sharing.say(message.message, true); sharing.replace.hidden = true; }
    else if (message.kind === "file") download(message);
    else if (message.kind === "opened") {
      sharing.name.value = message.name;
      sharing.reason.value = message.reason;
      sharing.say(message.message);
      show(message.state, true);
    }
  }

  function download(message) {
    const address = URL.createObjectURL(new Blob([message.text], { type: "application/yaml" }));
    const anchor = element("a", { href: address, download: message.name });
    root.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    sharing.say(message.message);
  }

  async function act(action, file) {
    const file_ = { view, state: current(), name: sharing.name.value, reason: sharing.reason.value };
    if (action === "save" || action === "replace") model.send({ kind: "save", replace: action === "replace", ...file_ });
    else if (action === "download") model.send({ kind: "download", ...file_ });
    else if (action === "open") model.send({ kind: "open", view, name: file.name, text: await file.text() });
    else if (action === "link") {
      const address = `${window.location.href.split("#")[0]}#${writeFragment(current())}`;
      sharing.link.value = address;
      sharing.link.hidden = false;
      try {
        await navigator.clipboard.writeText(address);
        sharing.say(words.link_copied);
      } catch {
        sharing.link.select();
        sharing.say(words.link_below);
      }
    }
  }

  model.on("msg:custom", onMessage);
  const redraw = () => { charts.forEach((chart) => chart.resize()); charts.forEach((chart) => chart.draw()); };
  const resized = new ResizeObserver(redraw);
  resized.observe(figures);
  document.fonts.ready.then(redraw);

  const initial = model.get("initial");
  const given = readFragment();
  const onHash = () => { const state = readFragment(); if (state) show(state, true); };
  window.addEventListener("hashchange", onHash);
  start.select.value = initial.state.start;
  extra = initial.state.extra;
  for (const [id, slider] of Object.entries(sliders)) slider.set(initial.state.values[id]);
  draw(initial.figures);
  if (given) show(given, true);

  return () => {
    model.off("msg:custom", onMessage);
    window.removeEventListener("hashchange", onHash);
    resized.disconnect();
    clearTimeout(noAnswer);
    clearTimeout(quiet);
  };
}

export default { render };
